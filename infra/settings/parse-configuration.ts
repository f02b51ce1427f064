import type { z } from 'zod';
import { type Configuration, SETTINGS } from './configuration.ts';
import { ConfigurationError, type ConfigurationFault } from './configuration-error.ts';
import { CROSS_RULES, type CrossRule } from './cross-rules.ts';

/** Keys of the CDK command line's own that look like settings: `cdk cli-telemetry` and `cdk acknowledge` write them. */
const CDK_KEYS: readonly string[] = ['cli-telemetry', 'acknowledged-issue-numbers'];

/** The settings among the CDK's context: all but its feature flags (`@aws-cdk/...`), look-ups (`provider:...`) and own keys. */
export function contextSettings(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const ours = Object.entries(context).filter(([key]) => !/[@:]/.test(key) && !CDK_KEYS.includes(key));
  return Object.fromEntries(ours);
}

type Raw = Readonly<Record<string, unknown>>;
type Key = keyof Configuration;

const KEYS = Object.keys(SETTINGS.shape) as Key[];

/**
 * Checks the settings and fills in the defaults.
 *
 * @param raw Settings by name, as they stand in cdk.json or, as text, on the command line.
 * @throws ConfigurationError with every fault.
 */
export function parseConfiguration(raw: Raw): Configuration {
  // A prop that is undefined is a prop that was not given.
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
  const result = SETTINGS.safeParse(given);
  const ownFaults = result.success ? [] : faultsOf(result.error, given);
  const crossFaults = CROSS_RULES.flatMap((rule) => crossFault(rule, given));
  if (!result.success || crossFaults.length > 0) throw new ConfigurationError([...ownFaults, ...crossFaults]);
  return result.data;
}

/** The rule of one setting in words, such as `must be a whole number from 1 to 900`. */
export function ruleOf(key: Key): string {
  const schema: z.ZodType = SETTINGS.shape[key].unwrap();
  return schema.description ?? 'must be valid';
}

function faultsOf(error: z.ZodError, raw: Raw): ConfigurationFault[] {
  const faults = error.issues.flatMap((issue) => toFaults(issue, raw));
  // One fault a key: each wrong element of a list is an issue of its own.
  return [...new Map(faults.map((fault) => [fault.key, fault])).values()];
}

function toFaults(issue: z.core.$ZodIssue, raw: Raw): ConfigurationFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ key, value: raw[key], rule: unknownKey(key) }));
  }
  const key = String(issue.path[0]);
  return [{ key, value: raw[key], rule: issue.code === 'custom' ? issue.message : ruleOf(key as Key) }];
}

function crossFault({ keys, broken }: CrossRule, raw: Raw): ConfigurationFault[] {
  const mask = Object.fromEntries(keys.map((key) => [key, true])) as Partial<Record<Key, true>>;
  const concerned = SETTINGS.pick(mask).strip().safeParse(raw);
  // What is wrong with a setting by itself has been reported.
  if (!concerned.success) return [];
  const configuration = concerned.data as Configuration;
  const rule = broken(configuration);
  return rule === undefined ? [] : [{ key: keys[0], value: configuration[keys[0]], rule }];
}

function unknownKey(key: string): string {
  const meant = suggestion(key, KEYS);
  return meant === undefined
    ? `is no setting; the settings are ${KEYS.join(', ')}`
    : `is no setting; did you mean ${meant}?`;
}

/** A slip of this many letters is still taken for the word meant. */
const FARTHEST = 3;

/** The word of `known` that `word` was most likely meant to be; undefined when none is near. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(FARTHEST, candidate.length / 2))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Least number of letters to insert, remove or replace that makes `a` of `b` (Levenshtein). */
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
