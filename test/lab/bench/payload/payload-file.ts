import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LIMITS } from '../../../../src/contract/limits.ts';
import { s3Message } from './s3-message.ts';

/** Most messages that the bench puts into one batch: what fits into a payload. */
export const FULL_PAYLOAD = 3_200;

/**
 * Writes the event of one invocation with `messages` messages, as every handler gets it.
 *
 * @param newest Epoch milliseconds of the newest upload.
 * @throws Error when Lambda would not take the payload.
 */
export function writePayload(directory: string, messages: number, newest: number): string {
  const event = { Records: Array.from({ length: messages }, (_, index) => s3Message(index, newest)) };
  const text = JSON.stringify(event);
  if (Buffer.byteLength(text) > LIMITS.lambda.payloadBytes) {
    throw new Error(`Expected ${messages} messages to fit into one payload; they take ${text.length} bytes.`);
  }
  const file = path.join(directory, `payload-${messages}.json`);
  writeFileSync(file, text);
  return file;
}
