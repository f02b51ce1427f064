import type { z } from 'zod';
import { type Configuration, SETTINGS, STACK_SETTINGS, type StackConfiguration } from './configuration.ts';
import { ConfigurationError, type ConfigurationIssue, type WrittenIn } from './configuration-error.ts';
import { CROSS_RULES, type CrossRule } from './cross-rules.ts';

type Raw = Readonly<Record<string, unknown>>;
type Key = keyof StackConfiguration;

const KEYS = Object.keys(STACK_SETTINGS.shape) as Key[];

/** Keys of the CDK's command line that look like settings: `cdk cli-telemetry` and `cdk acknowledge` write them. */
const CDK_KEYS: readonly string[] = ['cli-telemetry', 'acknowledged-issue-numbers'];

/** Typing errors of a key that are still recognised. */
const MAX_EDIT_DISTANCE = 3;

/** The context without feature flags (`@aws-cdk/...`), look-ups (`provider:...`) and the CDK's own keys. */
export function contextSettings(context: Raw): Raw {
  const settings = Object.entries(context).filter(([key]) => !/[@:]/.test(key) && !CDK_KEYS.includes(key));
  return Object.fromEntries(settings);
}

/**
 * Checks the settings of the stack and fills in the defaults.
 *
 * @param raw Settings by name, typed as in cdk.json or as text from the command line.
 * @throws ConfigurationError with everything that is wrong.
 */
export function parseConfiguration(raw: Raw): StackConfiguration {
  return parse(STACK_SETTINGS, raw, 'settings');
}

/**
 * Checks the props of a construct and fills in the defaults.
 *
 * @param construct Path, for the error.
 * @throws ConfigurationError with everything that is wrong.
 */
export function parseProps(props: Raw, construct: string): Configuration {
  return parse(SETTINGS, props, { construct });
}

function parse<Parsed>(schema: z.ZodType<Parsed>, raw: Raw, writtenIn: WrittenIn): Parsed {
  // A prop that is undefined was not given.
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
  const result = schema.safeParse(given);
  const ownIssues = result.success ? [] : toIssues(result.error, given);
  const crossIssues = CROSS_RULES.flatMap((rule) => checkCrossRule(rule, given));
  if (!result.success || crossIssues.length > 0) {
    throw new ConfigurationError([...ownIssues, ...crossIssues], writtenIn);
  }
  return result.data;
}

/** The rule of one setting in words, such as `must be a whole number from 1 to 900`. */
export function ruleOf(key: Key): string {
  const schema: z.ZodType = STACK_SETTINGS.shape[key].unwrap();
  return schema.description ?? 'must be valid';
}

function toIssues(error: z.ZodError, raw: Raw): ConfigurationIssue[] {
  const issues = error.issues.flatMap((issue) => toIssue(issue, raw));
  // One a key: zod reports each wrong element of a list.
  return [...new Map(issues.map((issue) => [issue.key, issue])).values()];
}

function toIssue(issue: z.core.$ZodIssue, raw: Raw): ConfigurationIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ key, value: raw[key], rule: unknownKey(key) }));
  }
  const key = String(issue.path[0]);
  if (issue.code !== 'custom') return [{ key, value: raw[key], rule: ruleOf(key as Key) }];
  // Of a part of a setting, such as source.buckets.
  const value = issue.params === undefined ? raw[key] : issue.params.value;
  return [{ key: issue.path.filter((part) => typeof part === 'string').join('.'), value, rule: issue.message }];
}

function checkCrossRule({ keys, violation }: CrossRule, raw: Raw): ConfigurationIssue[] {
  const mask = Object.fromEntries(keys.map((key) => [key, true])) as Partial<Record<keyof Configuration, true>>;
  const concerned = SETTINGS.pick(mask).strip().safeParse(raw);
  // A setting that is wrong by itself has been reported.
  if (!concerned.success) return [];
  const configuration = concerned.data as Configuration;
  const rule = violation(configuration);
  return rule === undefined ? [] : [{ key: keys[0], value: configuration[keys[0]], rule }];
}

/** What was a setting, or looks like one to people who know SQS. */
const REPLACED: Readonly<Record<string, string>> = {
  stackName: 'is not a prop of a ledger: it names the stack',
  maxReceiveCount: 'is not a setting: set retryHours instead, from which it is calculated (24 hours by default)',
  bucketName: partOfSource('"bucketName": "my-uploads"'),
  delivery: partOfSource('"delivery": "eventbridge"'),
  corsOrigins: partOfSource('"corsOrigins": ["https://app.example.com"]'),
  existingBuckets: partOfSource('"buckets": ["my-bucket"]'),
  buckets: partOfSource('"buckets": ["my-bucket"]'),
  sourceTopicArn: partOfSource('"topic": "arn:aws:sns:..."'),
  topic: partOfSource('"topic": "arn:aws:sns:..."'),
  alarmTopicArn: 'is not a setting: use alarmTopic, which takes an ARN',
  recordedEvents: 'is not a setting: use recordedEventsBus, which takes a name or a bus',
  encryptionKey: 'is not a setting: use customerKey, which takes true or a key',
};

function partOfSource(example: string): string {
  return `is not a setting: it is part of source, as in {${example}}`;
}

function unknownKey(key: string): string {
  const replaced = REPLACED[key];
  if (replaced !== undefined) return replaced;
  const meant = closestKey(key);
  return meant === undefined
    ? `is not a setting; the settings are ${KEYS.join(', ')}`
    : `is not a setting; did you mean ${meant}?`;
}

function closestKey(word: string): Key | undefined {
  const [closest] = KEYS.map((key) => ({ key, distance: editDistance(word.toLowerCase(), key.toLowerCase()) }))
    .filter(({ key, distance }) => distance <= Math.min(MAX_EDIT_DISTANCE, key.length / 2))
    .sort((a, b) => a.distance - b.distance);
  return closest?.key;
}

/** Levenshtein distance: letters to insert, remove or replace to turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
