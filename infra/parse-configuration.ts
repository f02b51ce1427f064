import type { z } from 'zod';
import { type Configuration, SETTINGS } from './configuration.ts';
import { ConfigurationError, type ConfigurationFault } from './configuration-error.ts';
import { CROSS_RULES, type CrossRule } from './cross-rules.ts';
import { suggestion } from './suggestion.ts';

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
