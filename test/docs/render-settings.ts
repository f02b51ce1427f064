import { readFileSync } from 'node:fs';
import path from 'node:path';
import { STACK_SETTINGS } from '../../infra/settings/configuration.ts';
import { ruleOf } from '../../infra/settings/parse-configuration.ts';
import { DEFAULTS } from '../../src/contract/defaults.ts';

const INFRA = path.resolve(import.meta.dirname, '../../infra');
const KEYS = Object.keys(STACK_SETTINGS.shape) as (keyof typeof STACK_SETTINGS.shape)[];

const INTRODUCTION = `# Settings

<!-- Written by "npm run lab -- settings-reference" from the code. Do not edit it here. -->

Settings of the stack are in \`cdk.json\`, under \`context\`. All are optional. The synthesis checks them all, and one error names everything that is
wrong.

\`\`\`json
{ "context": { "retentionDays": 365, "alarmEmails": ["on-call@example.com"] } }
\`\`\`

\`npx cdk deploy -c name=value\` sets one of them for this deployment; the next deployment without it undoes that. [Deploying](deploying.md) explains
how to use them.

**In your own CDK app,** the construct \`UploadLedger\` has props with the same names, except \`stackName\`
([example](deploying.md#in-a-cdk-app-of-your-own)). Some props also accept a CDK object; the tables name its type.
`;

/** The settings in the order in which a reader meets them. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['What is recorded', ['stackName', 'source', 'prefix', 'suffix', 'events']],
  ['Who uploaded', ['uploaderKeyTemplate', 'uploaderMetadata']],
  ['How long it is kept', ['retentionDays', 'removalPolicy', 'logRetentionDays']],
  ['Emails', ['emailSender', 'digests', 'alerts', 'alertsPerMinute', 'sesSandbox', 'consoleUrl']],
  [
    'Dashboard and alarms',
    [
      'dashboard',
      'metricsByCategory',
      'alarmEmails',
      'alarmTopic',
      'runbookUrl',
      'oldestMessageMinutes',
      'silenceHours',
      'deletesPerFiveMinutes',
    ],
  ],
  [
    'Throughput and retries',
    [
      'batchSize',
      'batchWindowSeconds',
      'maximumConcurrency',
      'reservedConcurrency',
      'memoryMb',
      'timeoutSeconds',
      'retryHours',
      'indexShards',
    ],
  ],
  ['Encryption', ['customerKey']],
  ['Other systems', ['recordedEventsBus', 'announceBackfill', 'webhooks', 'alertTopic']],
  ['Logs and tracing', ['logLevel', 'tracing', 'contributorInsights']],
];

/** Settings that are objects, with the interfaces of their parts. */
const PARTS: readonly (readonly [string, string, string])[] = [
  ['`source`: a new bucket', 'source-props.ts', 'NewBucketSource'],
  ['`source`: existing buckets', 'source-props.ts', 'ExistingBucketsSource'],
  ['`source`: a topic', 'source-props.ts', 'TopicSource'],
  ['An entry of `digests`', 'email-props.ts', 'DigestProps'],
  ['An entry of `alerts`', 'email-props.ts', 'AlertProps'],
  ['An entry of `webhooks`', 'webhook-props.ts', 'WebhookProps'],
];

interface Member {
  readonly name: string;
  readonly meaning: string;
  /** Absent where there is none. */
  readonly byDefault: string | undefined;
  /** As TypeScript has it. */
  readonly type: string;
}

/**
 * The reference of all settings in Markdown, from their schema and from the documentation of the construct's props.
 *
 * @throws Error for a setting that has no documentation, or no group above.
 */
export function renderSettings(): string {
  const props = [STACK_NAME, ...membersOf('upload-ledger-props.ts', 'UploadLedgerProps')];
  const groups = GROUPS.map(([title, names]) => {
    const members = props.filter(({ name }) => names.includes(name));
    return section(`## ${title}`, members, 'Setting', (member) => [described(member), valuesOf(member)]);
  });
  const missing = KEYS.filter((key) => !groups.some((group) => group.includes(`| \`${key}\` |`)));
  if (missing.length > 0)
    throw new Error(`Expected ${missing} in GROUPS and in UploadLedgerProps; they are not there.`);
  const parts = PARTS.map(([title, file, name]) =>
    section(`### ${title}`, membersOf(file, name), 'Part', (member) => [member.meaning, objectsIn(member.type)]),
  );
  return [INTRODUCTION, ...groups, '## Parts of `source`, `digests`, `alerts` and `webhooks`\n', ...parts].join('\n');
}

const STACK_NAME: Member = {
  name: 'stackName',
  meaning:
    'Name of the CloudFormation stack. Commands look for the stack with the default name unless `--stack` names another.',
  byDefault: DEFAULTS.stackName,
  type: 'string',
};

/** The documented members of an interface, from its source. */
function membersOf(file: string, name: string): Member[] {
  const source = readFileSync(path.join(INFRA, file), 'utf8');
  const [, body = ''] = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, 's').exec(source) ?? [];
  const members = body.matchAll(/\/\*\*(.*?)\*\/\s*readonly (\w+)\??: ([^;]+);/gs);
  return [...members].map(([, comment = '', member = '', type = '']) => {
    const text = comment
      .replaceAll(/\n\s*\*/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
    const [meaning = '', byDefault] = text.split(/\s*@default /);
    return { name: member, meaning, byDefault, type };
  });
}

function section(
  heading: string,
  members: readonly Member[],
  what: string,
  columns: (member: Member) => readonly [string, string],
): string {
  const rows = members.map((member) => {
    const [meaning, values] = columns(member);
    return `| \`${member.name}\` | ${meaning} | ${values} | ${defaultOf(member)} |`;
  });
  const values = what === 'Setting' ? 'Values' : 'In an app also';
  const shown = [`| ${what} | What it does | ${values} | Default |`, '|---|---|---|---|', ...rows];
  return [heading, '', ...shown.map((row) => row.replaceAll(/ {2,}/g, ' ')), ''].join('\n');
}

/** Without a range of numbers, which has a column of its own. */
function described({ name, meaning }: Member): string {
  const range = valuesOf({ name, type: '' });
  return /^[\d,]+ to [\d,]+$/.test(range) ? meaning.replace(`, ${range}`, '') : meaning;
}

function valuesOf({ name, type }: Pick<Member, 'name' | 'type'>): string {
  const rule = ruleOf(KEYS.find((key) => key === name) ?? 'stackName').replace(/^must be (a whole number from )?/, '');
  const objects = objectsIn(type);
  const values = objects === '' ? rule : `${rule}; in an app also ${objects}`;
  return withCode(values).replaceAll('<', '&lt;').replaceAll('|', '\\|');
}

/** Event types and keys of JSON would be read as Markdown. */
function withCode(text: string): string {
  return text.replaceAll(/\bObject\w+:[\w*]+|\bLifecycle\w+:[\w*]+|\{"[^}]*\}/g, '`$&`');
}

/** The CDK's types that a prop accepts. */
function objectsIn(type: string): string {
  const known = type.match(/\b(Duration|RemovalPolicy|RetentionDays|I(?:Bucket|Topic|Key|EventBus))\b/g) ?? [];
  return known.map((one) => `\`${one}\``).join(', ');
}

function defaultOf({ byDefault = '' }: Member): string {
  return /^(\d+|true|false|retain|uploads|[A-Z]{3,}|UploadLedger|notification|eventbridge)$/.test(byDefault)
    ? `\`${byDefault}\``
    : withCode(byDefault);
}
