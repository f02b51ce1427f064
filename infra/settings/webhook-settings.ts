import type { z } from 'zod';
import { DEFAULT_EVENTS, FORWARDED_URL, LEDGER_EVENT_TYPES, WEBHOOK_FORMATS } from '../../src/contract/events.ts';
import { CATEGORIES } from '../../src/contract/uploads.ts';
import {
  type Check,
  type Checks,
  fieldIssues,
  optional,
  quoted,
  repeatedNames,
  settingNameIssue,
} from '../../src/shared/validation.ts';
import { webhookPattern } from '../events/webhook-pattern.ts';
import { PATTERN_CHARACTERS } from '../sources/event-rules.ts';
import type { WebhookProps } from '../webhook-props.ts';
import { listOf } from './setting-kinds.ts';

/** Each has a rule of its own, and programs on the bus share its rules. */
const MAX_WEBHOOKS = 20;

/** Source: EventBridge API reference, `CreateApiDestination`. */
const MAX_URL_CHARACTERS = 2_048;
const MAX_REQUESTS_A_SECOND = 300;

/** Of a condition. The rule's pattern, which holds them all, is measured as well. */
const MAX_TEXT_CHARACTERS = 1_024;

/** Sources: DynamoDB API reference, `CreateTable`; the longest name of a Region. */
const LONGEST_TABLE_ARN = `arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/${'x'.repeat(255)}`;

const CONDITIONS = ['prefix', 'suffix', 'category', 'uploader'] as const;

const WEBHOOKS_RULE = `must be a list of 1 to ${MAX_WEBHOOKS} webhooks, each with name, url and secretName`;

/** The settings of webhooks, for the schema of all settings. */
export const WEBHOOKS = {
  webhooks: listOf<WebhookProps>(WEBHOOKS_RULE, webhooksIssues).exactOptional(),
} satisfies Record<string, z.ZodType>;

const WEBHOOK: Checks = {
  name: settingNameIssue,
  url: optional(urlIssue),
  secretName: (value) =>
    expected(isText(value, /^[\w/+=.@-]{1,512}$/), 'the name of a secret in AWS Secrets Manager', value),
  format: optional(oneOf(WEBHOOK_FORMATS)),
  channel: optional((value) =>
    expected(isText(value, /^[\w.#@-]{1,80}$/), 'the id of a channel in Slack, such as C0123456789', value),
  ),
  events: optional(eventsIssue),
  prefix: optional(textIssue),
  suffix: optional(textIssue),
  category: optional(oneOf(CATEGORIES)),
  uploader: optional(textIssue),
  ratePerSecond: optional((value) =>
    expected(
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_REQUESTS_A_SECOND,
      `a whole number from 1 to ${MAX_REQUESTS_A_SECOND}`,
      value,
    ),
  ),
};

function webhooksIssues(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return ['it is not a list'];
  // The local stack may add one.
  const own = value.filter((webhook) => Object(webhook).url !== FORWARDED_URL).length;
  if (value.length === 0 || own > MAX_WEBHOOKS) return [`there are ${value.length}`];
  const issues = value.flatMap((webhook, index) =>
    webhookIssues(webhook).map((issue) => `webhook ${index + 1}: ${issue}`),
  );
  // Names of resources contain them. Two that differ only in case count as equal.
  return [...issues, ...repeatedNames(value, 'webhook', (name) => String(name).toLowerCase())];
}

function webhookIssues(webhook: unknown): readonly string[] {
  if (typeof webhook !== 'object' || webhook === null || Array.isArray(webhook)) return ['expected an object'];
  const issues = fieldIssues(webhook as Readonly<Record<string, unknown>>, WEBHOOK);
  return issues.length > 0 ? issues : combinationIssues(webhook as WebhookProps);
}

/** Of a webhook whose fields are each valid. */
function combinationIssues(webhook: WebhookProps): readonly string[] {
  const { url, format = 'json', channel, events = DEFAULT_EVENTS } = webhook;
  const given = CONDITIONS.filter((name) => webhook[name] !== undefined);
  const others = events.filter((event) => !DEFAULT_EVENTS.includes(event));
  const excess = JSON.stringify(webhookPattern(webhook, LONGEST_TABLE_ARN)).length - PATTERN_CHARACTERS;
  return [
    ...(format !== 'slack' && url === undefined ? [`url: expected one with format ${format}, got none`] : []),
    ...(format === 'slack' && channel === undefined ? ['channel: expected one with format slack, got none'] : []),
    ...(format !== 'slack' && channel !== undefined ? ['channel: expected none without format slack'] : []),
    ...(url === undefined ? [] : secretInUrl(url)),
    ...(given.length > 0 && others.length > 0
      ? [`${given[0]}: expected no conditions with ${others.join(' and ')}: use a separate webhook for those`]
      : []),
    ...(excess > 0
      ? [`${given.join(', ')}: expected ${excess} characters fewer, to fit into an EventBridge rule`]
      : []),
  ];
}

/** Addresses at which everybody who knows them may post: hosts, some with a path because they serve other things too. */
const SECRET_ADDRESSES = [
  /^hooks\.slack(-gov)?\.com\//,
  /\.webhook\.office(365)?\.com\//,
  /^([^/]*\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\//,
];

/** Parameters whose value is a secret, as those of Azure, of Google Chat, and of many other services. */
const SECRET_PARAMETERS = new Set(['sig', 'signature', 'key', 'api_key', 'apikey', 'token', 'access_token', 'code']);

/** Such an address would be in the template and in the console, for everybody who can read either. */
function secretInUrl(url: string): readonly string[] {
  const { hostname, pathname, searchParams } = new URL(url);
  if (SECRET_ADDRESSES.some((address) => address.test(hostname + pathname.toLowerCase())))
    return [
      'url: expected no incoming webhook of a chat, whose address is a secret: use format slack with a bot token, or teams with a workflow',
    ];
  const secret = [...searchParams.keys()].find((name) => SECRET_PARAMETERS.has(name.toLowerCase()));
  return secret === undefined
    ? []
    : [`url: expected none with the parameter ${secret}: its value belongs in the secret`];
}

/** Characters that EventBridge takes in an address, less the asterisk, which is a parameter of a path there. */
const URL_CHARACTERS = /^https:\/\/(?:%[\dA-Fa-f]{2}|[\w().!~';/?:@&=+$,-])+$/;

function urlIssue(value: unknown): string | undefined {
  const what = `a public https:// address of at most ${MAX_URL_CHARACTERS} ASCII characters, without user and fragment`;
  const isPublic = isText(value, URL_CHARACTERS) && value.length <= MAX_URL_CHARACTERS && URL.canParse(value);
  return expected(isPublic && hasPublicName(new URL(value)), what, value);
}

/** A name with a dot, as one in the public DNS has, and no address of numbers. */
function hasPublicName({ hostname, username, password }: URL): boolean {
  const isPublic = /\.[a-z][a-z0-9-]*[a-z0-9]$/.test(hostname) && !/\.(local|localhost|internal)$/.test(hostname);
  return isPublic && username + password === '';
}

function eventsIssue(value: unknown): string | undefined {
  const isList = Array.isArray(value) && value.length > 0 && new Set(value).size === value.length;
  const isValid = isList && value.every((event) => LEDGER_EVENT_TYPES.some((one) => one === event));
  return expected(isValid, `a list of ${LEDGER_EVENT_TYPES.join(', ')}, each once`, value);
}

function oneOf(values: readonly string[]): Check {
  return (value) =>
    expected(
      values.some((one) => one === value),
      values.join(', '),
      value,
    );
}

function textIssue(value: unknown): string | undefined {
  const isValid =
    typeof value === 'string' && value !== '' && value.isWellFormed() && value.length <= MAX_TEXT_CHARACTERS;
  return expected(isValid, `1 to ${MAX_TEXT_CHARACTERS} characters`, value);
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function expected(isValid: boolean, what: string, value: unknown): string | undefined {
  return isValid ? undefined : `expected ${what}, got ${quoted(value)}`;
}
