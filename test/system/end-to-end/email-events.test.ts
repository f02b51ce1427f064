import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEventType } from '../../../src/contract/events.ts';
import type { BusEvent } from '../../../src/local/events/bus-event.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { schemaErrors } from '../../events/event-schemas.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

/** Keys that are chosen to be taken for more than text. */
const HOSTILE_KEYS = [
  '"quoted".txt',
  '<!channel> <https://evil.example|here>.txt',
  '@here @everyone.txt',
  '**bold** _it_ [x](https://evil.example).md',
  'two\r\nlines.txt',
  'inv\u202eoice.exe',
  'party-🎉.txt',
  'back\\slash\u0001.txt',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of shells and templates
  '{{template}} ${env} %s.txt',
];

let stack: LocalStack;
const events: BusEvent[] = [];
const of = (type: LedgerEventType) => events.filter((event) => event['detail-type'] === type);

beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('eventsOfEmail') });
  stack.servers.events.onEvent((_, event) => events.push(event));
  const { clients, bucketName } = stack;
  for (const Key of HOSTILE_KEYS) await clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'x' }));
  await stack.drained();
  await stack.scheduler.tickNow();
  await stack.drained();
  await stack.eventsSettled();
});
afterAll(() => stack.close());

describe('uploads of hostile names to a stack with alerts, digests and events', () => {
  it('are announced once each, with their exact keys', () => {
    const keys = of('UploadRecorded').map(({ detail }) => (detail.record as { readonly s3_key: string }).s3_key);
    expect(keys.toSorted()).toEqual(HOSTILE_KEYS.toSorted());
  });

  it('raise alerts and make a digest ready, which are announced as well, once each', () => {
    const matches = of('AlertRaised').map(({ detail }) => (detail.alert as { readonly count: number }).count);
    expect(matches.reduce((sum, count) => sum + count, 0)).toBe(HOSTILE_KEYS.length);
    expect(of('DigestReady')).toMatchObject([{ detail: { digest: { name: 'daily', uploads: HOSTILE_KEYS.length } } }]);
    const ids = events.map(({ detail }) => detail.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('give events that keep their schemas, with sentences that are safe anywhere', () => {
    for (const { 'detail-type': type, detail } of events) {
      expect(schemaErrors(type as LedgerEventType, detail)).toEqual([]);
      expect(detail.summary).toMatch(/^[\p{L}\p{N}\p{Extended_Pictographic} .,/()+=_…-]+$/u);
    }
  });
});
