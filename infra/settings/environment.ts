import { Arn, ArnFormat, Aws, type ResourceEnvironment, Stack, Token } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Configuration } from './configuration.ts';
import { ConfigurationError, type ConfigurationIssue } from './configuration-error.ts';
import { isExisting, isTopic } from './source.ts';

/** Something that a ledger is given, and where it is. Either part may be known at deployment only. */
interface Given {
  readonly key: string;
  readonly value: unknown;
  readonly env: ResourceEnvironment;
  /** Why it must be where the ledger is. */
  readonly because: string;
  /** What must agree. */
  readonly parts: readonly (keyof ResourceEnvironment)[];
}

const BOTH = ['account', 'region'] as const;

/**
 * Compares account and Region of what the ledger is given with those of its stack, as far as both are known: elsewhere
 * nothing would arrive, or the deployment would fail half-way.
 *
 * @throws ConfigurationError with everything that is elsewhere.
 */
export function assertSameEnvironment(ledger: Construct, configuration: Configuration): void {
  const { account, region } = Stack.of(ledger);
  const here: ResourceEnvironment = { account, region };
  const issues = [
    ...givenIn(configuration).flatMap((given) => issuesOf(given, here)),
    ...stackIssues(configuration, Stack.of(ledger)),
  ];
  if (issues.length > 0) throw new ConfigurationError(issues, { construct: ledger.node.path });
}

function issuesOf({ key, value, env, parts, because }: Given, here: ResourceEnvironment): ConfigurationIssue[] {
  const isElsewhere = (part: keyof ResourceEnvironment) =>
    !Token.isUnresolved(env[part]) && !Token.isUnresolved(here[part]) && env[part] !== here[part];
  const elsewhere = parts.filter(isElsewhere);
  if (elsewhere.length === 0) return [];
  const list = (which: ResourceEnvironment) => elsewhere.map((part) => `${part} ${which[part]}`).join(' and ');
  return [{ key, value, rule: `must be in ${list(here)}, where the ledger is, but is in ${list(env)}: ${because}` }];
}

/** The notifications of a bucket and the policy of the queue would make each stack wait for the other. */
function stackIssues({ source }: Configuration, stack: Stack): ConfigurationIssue[] {
  if (!isExisting(source) || source.delivery === 'eventbridge') return [];
  const rule =
    'must be names, or buckets of the same stack, when delivery is notification: use eventbridge, or create the ledger in the stack of the bucket';
  return source.buckets
    .filter((bucket) => bucket instanceof Bucket && Stack.of(bucket) !== stack)
    .map((value) => ({ key: 'source.buckets', value, rule }));
}

function givenIn({ source, customerKey, alarmTopic, alertTopic, recordedEventsBus }: Configuration): Given[] {
  const buckets = isExisting(source) ? source.buckets.filter((bucket) => typeof bucket !== 'string') : [];
  return [
    ...buckets.map((value) => ({
      key: 'source.buckets',
      value,
      env: value.env,
      parts: BOTH,
      because: 'the events of a bucket arrive in its own account and Region only',
    })),
    ...(isTopic(source)
      ? [
          {
            key: 'source.topic',
            value: source.topic,
            env: environmentOf(source.topic),
            parts: BOTH,
            because: "a subscription's dead-letter queue must be where its topic is",
          },
        ]
      : []),
    ...(typeof customerKey === 'boolean'
      ? []
      : [
          {
            key: 'customerKey',
            value: customerKey,
            env: customerKey.env,
            parts: ['region'] as const,
            because: 'table and queues cannot use a key of another Region',
          },
        ]),
    ...(alarmTopic === undefined
      ? []
      : [
          {
            key: 'alarmTopic',
            value: alarmTopic,
            env: environmentOf(alarmTopic),
            parts: ['region'] as const,
            because: 'CloudWatch refuses topics of another Region',
          },
        ]),
    ...(alertTopic === undefined
      ? []
      : [
          {
            key: 'alertTopic',
            value: alertTopic,
            env: environmentOf(alertTopic),
            parts: ['region'] as const,
            because: 'a rule of EventBridge sends to topics of its own Region',
          },
        ]),
    ...(recordedEventsBus === undefined || typeof recordedEventsBus === 'string'
      ? []
      : [
          {
            key: 'recordedEventsBus',
            value: recordedEventsBus,
            env: recordedEventsBus.env,
            parts: BOTH,
            because: 'the ledger puts its events on a bus of its own account and Region',
          },
        ]),
  ];
}

/** Of a construct, or of an ARN. */
function environmentOf(given: string | { readonly env: ResourceEnvironment }): ResourceEnvironment {
  if (typeof given !== 'string') return given.env;
  const { account, region }: Partial<ResourceEnvironment> = Token.isUnresolved(given)
    ? {}
    : Arn.split(given, ArnFormat.NO_RESOURCE_NAME);
  return { account: account ?? Aws.ACCOUNT_ID, region: region ?? Aws.REGION };
}
