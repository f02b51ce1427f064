import { z } from 'zod';
import { EMAIL_SETTINGS, isEmailAddress } from '../src/shared/validation.ts';
import { text } from './setting-kinds.ts';

const ADDRESSES = `must be 1 to ${EMAIL_SETTINGS.recipients} plain email addresses (separated by commas), each once`;

/** A list in cdk.json, or addresses separated by commas on the command line. */
export const emailAddresses = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : value),
    z
      .array(text(isEmailAddress, ADDRESSES))
      .min(1)
      .max(EMAIL_SETTINGS.recipients)
      .refine((addresses) => new Set(addresses).size === addresses.length, { error: ADDRESSES })
      .readonly(),
  )
  .describe(ADDRESSES);

/** A topic of any partition. */
export const topicArn = text(
  (value) => /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(value),
  'must be the ARN of a standard SNS topic, arn:aws:sns:<region>:<account>:<name>',
);
