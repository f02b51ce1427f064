import { z } from 'zod';

export interface ListSetting {
  /** The rule in words. */
  readonly rule: string;
  /** All that is wrong with a value, one phrase each. */
  readonly faults: (value: unknown) => readonly string[];
}

/** Faults that one error tells. */
const MOST_TOLD = 5;

/** A list of objects in cdk.json, or as JSON text on the command line. Every fault of every object is told. */
export function listOf<Item>({ rule, faults }: ListSetting) {
  return z
    .preprocess(
      fromJson,
      z.custom<readonly Item[]>().superRefine((value, context) => {
        const found = faults(value);
        if (found.length > 0) context.addIssue({ code: 'custom', message: `${rule}, but ${told(found)}` });
      }),
    )
    .describe(rule);
}

/** Text that is no JSON stays text, which is no list. */
function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function told(faults: readonly string[]): string {
  const rest = faults.length - MOST_TOLD;
  return [...faults.slice(0, MOST_TOLD), ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
}
