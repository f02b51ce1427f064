import { LIMITS } from '../src/contract/limits.ts';
import type { Configuration } from './configuration.ts';
import { EMAIL_RULES } from './email/email-rules.ts';
import { overlappingEventTypes } from './event-types.ts';
import { SOURCE_RULES } from './source-rules.ts';

/** A rule that holds between settings. Looked at only when each of them is valid by itself. */
export interface CrossRule {
  /** The settings that the rule reads; a fault is reported at the first. */
  readonly keys: readonly [keyof Configuration, ...(keyof Configuration)[]];
  /** The rule that is broken, following on from the first setting's value; undefined when it holds. */
  readonly broken: (configuration: Configuration) => string | undefined;
}

export const CROSS_RULES: readonly CrossRule[] = [
  ...SOURCE_RULES,
  {
    // Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
    keys: ['batchWindowSeconds', 'batchSize'],
    broken: ({ batchWindowSeconds, batchSize }) =>
      batchSize > LIMITS.lambda.batchSizeWithoutWindow && batchWindowSeconds < 1
        ? `must be at least 1 when batchSize is over ${LIMITS.lambda.batchSizeWithoutWindow} (it is ${batchSize})`
        : undefined,
  },
  {
    keys: ['events'],
    broken: ({ events }) => {
      const overlapping = overlappingEventTypes(events);
      return overlapping.length > 0
        ? `must name each event type once; also covered by another entry: ${overlapping.join(', ')}`
        : undefined;
    },
  },
  {
    keys: ['alarmTopicArn', 'alarmEmails'],
    broken: ({ alarmTopicArn, alarmEmails }) =>
      alarmTopicArn !== undefined && alarmEmails !== undefined
        ? 'must not be given beside alarmEmails: subscribe the addresses to that topic'
        : undefined,
  },
  ...EMAIL_RULES,
  {
    keys: ['uploaderKeyTemplate', 'prefix'],
    broken: ({ uploaderKeyTemplate, prefix }) => {
      if (uploaderKeyTemplate === undefined || prefix === undefined) return undefined;
      const [literal = ''] = uploaderKeyTemplate.split('{');
      const agree = literal.startsWith(prefix) || prefix.startsWith(literal);
      return agree ? undefined : `must be able to match keys that begin with prefix (it is ${JSON.stringify(prefix)})`;
    },
  },
];
