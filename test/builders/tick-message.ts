import type { SQSRecord } from 'aws-lambda';
import type { DigestSettings } from '../../src/contract/digest-tick.ts';
import type { DigestTick } from '../../src/notification/digest-tick.ts';
import { sqsMessage } from './sqs-message.ts';

type Settings = Partial<DigestSettings>;

/** The message of a digest tick, due now, of a digest called `daily` unless it says otherwise. */
export function tickMessage(settings: Settings = {}, parts: Partial<DigestTick> = {}): SQSRecord {
  const digest = { name: 'daily', recipients: ['team@example.com'], ...settings };
  const tick = { uploadLedger: 'digest-tick', scheduledTime: new Date().toISOString(), ...parts, digest };
  return sqsMessage({ body: JSON.stringify(tick) });
}
