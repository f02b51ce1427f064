import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import { DAY_MS, HOUR_MS } from '../../shared/time.ts';

/**
 * Limits of CloudWatch on documents in its embedded metric format, besides those in {@link LIMITS}.
 *
 * Sources: CloudWatch's documentation, "Specification: Embedded metric format", and the API references of MetricDatum
 * and Dimension.
 */
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;
const MAX_VALUE = 2 ** 360;
/** How old a document's timestamp can be. */
export const MAX_AGE_MS = 14 * DAY_MS;
/** How far ahead a document's timestamp can be. */
export const MAX_AHEAD_MS = 2 * HOUR_MS;

const UNITS = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'None'],
  ...['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'],
  ...['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Count/Second'],
  ...['Bytes/Second', 'Kilobytes/Second', 'Megabytes/Second', 'Gigabytes/Second', 'Terabytes/Second'],
  ...['Bits/Second', 'Kilobits/Second', 'Megabits/Second', 'Gigabits/Second', 'Terabits/Second'],
];

/** A metric's value: a finite number within CloudWatch's range. */
const VALUE = z.number().min(-MAX_VALUE).max(MAX_VALUE);
const VALUES = z.union([VALUE.transform((value) => [value]), z.array(VALUE).max(LIMITS.cloudwatch.metricValues)]);
/** A dimension's value: ASCII, not blank. */
const DIMENSION_VALUE = z
  .string()
  .max(1024)
  .regex(/^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/);

const DIRECTIVE = z.object({
  Namespace: z.string().min(1).max(255).regex(/^[^:]/),
  Dimensions: z.array(z.array(z.string().min(1).max(255)).max(MAX_DIMENSIONS)).min(1),
  Metrics: z
    .array(z.object({ Name: z.string().min(1).max(255), Unit: z.enum(UNITS).default('None') }))
    .max(MAX_METRICS),
});

const DOCUMENT = z.looseObject({
  _aws: z.object({ Timestamp: z.int(), CloudWatchMetrics: z.array(DIRECTIVE) }),
});

/** A metric in CloudWatch's sense: another value of a dimension is another metric. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of one metric, taken at the same time. */
export interface MetricValues extends MetricIdentity {
  readonly unit: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly values: readonly number[];
}

/** The metrics in a log line, none in one that is no metric document, or why CloudWatch would refuse the document. */
type LineMetrics = { readonly metrics: readonly MetricValues[] } | { readonly violation: string };

/**
 * Reads a log line as CloudWatch does: a JSON object with `_aws.CloudWatchMetrics` is a metric document, which is
 * accepted as a whole or not at all.
 *
 * @param now Epoch milliseconds.
 */
export function readMetricLine(line: string, now: number): LineMetrics {
  if (!line.includes('"CloudWatchMetrics"')) return { metrics: [] };
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { violation: 'The document is not JSON.' };
  }
  if (!hasDirectives(parsed)) return { metrics: [] };
  try {
    return { metrics: toMetrics(DOCUMENT.parse(parsed), now) };
  } catch (error) {
    if (error instanceof z.ZodError) return { violation: z.prettifyError(error) };
    throw error;
  }
}

function toMetrics(document: z.infer<typeof DOCUMENT>, now: number): MetricValues[] {
  const { Timestamp: timestamp, CloudWatchMetrics } = document._aws;
  z.number()
    .min(now - MAX_AGE_MS, 'Timestamp is more than 14 days old')
    .max(now + MAX_AHEAD_MS, 'Timestamp is more than 2 hours ahead')
    .parse(timestamp);
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, target(document, name, DIMENSION_VALUE)]));
      return Metrics.map(({ Name: name, Unit: unit }) => {
        const values = target(document, name, VALUES);
        return { namespace, name, dimensions, unit, timestamp, values };
      });
    }),
  );
}

/** The member of the document that a metric's or a dimension's name refers to. */
function target<T>(document: Readonly<Record<string, unknown>>, name: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(Object.hasOwn(document, name) ? document[name] : undefined);
  if (result.success) return result.data;
  throw new z.ZodError(result.error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] })));
}

function hasDirectives(value: unknown): boolean {
  const metadata = (value as { _aws?: { CloudWatchMetrics?: unknown } } | null)?._aws;
  return metadata?.CloudWatchMetrics !== undefined;
}
