import { z } from 'zod';

/**
 * The kinds of values that settings have. Each schema's description is its rule in words: what an error says when it is
 * broken, and what the documentation says.
 *
 * Values from the command line (`-c key=value`) are text, values from cdk.json have types: both are taken, and nothing that
 * merely looks alike (`"1e2"`, `" 5"`, `true` for 1).
 */

export function wholeNumber({ least, most }: { readonly least: number; readonly most: number }) {
  const fromText = (value: unknown) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return z
    .preprocess(fromText, z.int().min(least).max(most))
    .describe(`must be a whole number from ${grouped(least)} to ${grouped(most)}`);
}

export function wholeNumberAmong<const T extends readonly number[]>(values: T) {
  const fromText = (value: unknown) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value);
  return z.preprocess(fromText, z.literal(values)).describe(`must be one of ${values.join(', ')}`);
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values).describe(`must be one of ${values.join(', ')}`);
}

/** A list in cdk.json, or values separated by commas on the command line. */
export function someOf<const T extends readonly string[]>(values: T) {
  const fromText = (value: unknown) => (typeof value === 'string' ? value.split(',') : value);
  return z
    .preprocess(fromText, z.array(z.enum(values)).min(1).readonly())
    .describe(`must be a list (separated by commas) of ${values.join(', ')}`);
}

export function yesOrNo() {
  const fromText = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
  return z.preprocess(fromText, z.boolean()).describe('must be true or false');
}

export function text(valid: (value: string) => boolean, rule: string) {
  return z.string().refine(valid, { error: rule }).describe(rule);
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
