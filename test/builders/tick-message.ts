import type { SQSRecord } from 'aws-lambda';
import type { DigestTick } from '../../src/notification/digest-tick.ts';
import { sqsMessage } from './sqs-message.ts';

/** The message of a digest tick, due now, of a digest called `daily` unless it says otherwise. */
export function tickMessage({ digestName: name = 'daily', ...parts }: Partial<DigestTick> = {}): SQSRecord {
  const tick = { uploadLedger: 'digest-tick', scheduledTime: new Date().toISOString(), ...parts, digest: { name } };
  return sqsMessage({ body: JSON.stringify(tick) });
}
