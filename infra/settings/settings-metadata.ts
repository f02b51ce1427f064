import { createHash } from 'node:crypto';
import type { StackConfiguration } from './configuration.ts';
import { parseConfiguration } from './parse-configuration.ts';

/** Longer values are told by their hash: they can differ, and hold names and addresses. */
const MAX_CHARACTERS = 100;

/** The settings that are not the defaults, for whoever compares them with those of a checkout. */
export function settingsMetadata(configuration: StackConfiguration): Readonly<Record<string, unknown>> {
  const defaults: Readonly<Record<string, unknown>> = parseConfiguration({});
  const given = Object.entries(configuration).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[name]),
  );
  return Object.fromEntries(given.sort().map(([name, value]) => [name, shortened(value)]));
}

function shortened(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text.length <= MAX_CHARACTERS) return value;
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
