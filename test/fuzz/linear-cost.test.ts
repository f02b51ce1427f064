import { describe, expect, it } from 'vitest';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';
import { parseKeyTemplate, uploaderInKey } from '../../src/shared/key-template.ts';
import { toUpload } from '../../src/upload/upload.ts';
import { s3EventRecord, s3Message, snsMessage } from '../builders/s3-event.ts';
import { countWork } from './work-count.ts';

const SIZE = 200;

/** Inputs that grow with `size`, each made to be as dear as it can. */
const UNTRUSTED: readonly (readonly [name: string, work: (size: number) => () => void])[] = [
  [
    'a message of many event records',
    (size) => record(s3Message(...Array.from({ length: size }, () => s3EventRecord()))),
  ],
  [
    'a message of many unreadable event records',
    (size) => read(s3Message(...Array.from({ length: size }, () => null))),
  ],
  ['a key of many percent signs', (size) => read(s3Message(s3EventRecord({ encodedKey: '%25'.repeat(size * 50) })))],
  ['a key of many slashes', (size) => record(s3Message(s3EventRecord({ key: '/'.repeat(size * 4) })))],
  ['a key of many dots', (size) => record(s3Message(s3EventRecord({ key: '.'.repeat(size * 4) })))],
  [
    'a long sequencer',
    (size) => read(s3Message(s3EventRecord({ object: { sequencer: `${'0'.repeat(size * 50)}g` } }))),
  ],
  [
    'a long time',
    (size) => read(s3Message(s3EventRecord({ eventTime: `2026-11-22T10:15:30.${'1'.repeat(size * 50)}` }))),
  ],
  ['a long event name', (size) => read(s3Message(s3EventRecord({ eventName: 'a:'.repeat(size * 50) })))],
  ['deep nesting', (size) => read(`{"Records":[${'['.repeat(size)}${']'.repeat(size)}]}`)],
  ['SNS in SNS', (size) => read(nested(Math.min(size / 40, 12)))],
  ['a template that matches late', (size) => match(`${'{a}/'.repeat(size / 4)}{uploader}`, `${'x/'.repeat(size)}`)],
];

/** Refusing is an answer too: what it costs is what matters here. */
function answering(work: () => void): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof UploadLedgerError)) throw error;
    }
  };
}

function read(body: string): () => void {
  return answering(() => void parseMessageBody(body));
}

function record(body: string): () => void {
  return answering(() => {
    const notification = parseMessageBody(body);
    for (const event of notification.kind === 'events' ? notification.events : []) {
      const upload = toUpload(event, {});
      if (upload !== undefined) toLedgerRecord(upload, { indexShards: 8, source: 'notification' });
    }
  });
}

function match(template: string, key: string): () => void {
  const parsed = parseKeyTemplate(template);
  return () => void uploaderInKey(parsed, key);
}

function nested(depth: number): string {
  let body = s3Message(s3EventRecord());
  for (let level = 0; level < depth; level += 1) body = snsMessage(body);
  return body;
}

describe('the cost of an untrusted message', () => {
  it('is measured: more work counts more', () => {
    const [few, many] = [1, 100].map((size) =>
      countWork(record(s3Message(...Array.from({ length: size }, () => s3EventRecord())))),
    );
    expect(many).toBeGreaterThan(20 * (few ?? 0));
  });

  it.each(UNTRUSTED)('grows no faster than the message: %s', (_, work) => {
    work(SIZE)();
    const once = countWork(work(SIZE));
    const fourfold = countWork(work(SIZE * 4));
    // Work that grows with the square would be sixteenfold.
    expect(fourfold).toBeLessThanOrEqual(once * 4.1 + 200);
  });
});
