import type { QuarantineReason } from '../../../src/contract/quarantine.ts';
import { BODY_MARK } from './secrets.ts';

/** A message that no retry can cure. */
export interface Poison {
  readonly body: string;
  readonly reason: QuarantineReason;
  /** Of the event records in it that can be read all the same. */
  readonly readable?: readonly ReadableEvent[];
}

/** An event of {@link FOREIGN_BUCKET}. */
interface ReadableEvent {
  readonly key: string;
  readonly sequencer: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly size?: number;
  readonly eTag?: string;
}

/** A bucket that is not the stack's: whoever may send to the queue can name any. */
export const FOREIGN_BUCKET = 'a-foreign-bucket';
const FOREIGN_TIME = '2026-11-22T08:00:00.000Z';

const TAIL = `${'.'.repeat(200)}${BODY_MARK}`;

const KINDS: readonly ((number: number) => Poison)[] = [
  (number) => ({ reason: 'not-json', body: `number ${number} is no JSON, ${TAIL}` }),
  (number) => ({ reason: 'no-records', body: JSON.stringify({ Records: [], number, TAIL }) }),
  (number) => ({ reason: 'not-an-s3-event', body: JSON.stringify({ number, TAIL }) }),
  (number) => ({ reason: 'not-an-s3-event', body: JSON.stringify([number, TAIL]) }),
  (number) => ({ reason: 'key-not-decodable', body: message([event(`${number}%`)]) }),
  (number) => ({ reason: 'unsupported-version', body: message([{ ...event(`${number}`), eventVersion: '9.0' }]) }),
  (number) => ({ reason: 'bad-event-record', body: message([{ ...event(`${number}`), eventTime: 'yesterday' }]) }),
  (number) => ({ reason: 'bad-event-record', body: message(['\r\n{"level":"ERROR","forged":true}', number]) }),
  (number) => {
    const readable = lifeOf(`readable-${number}.csv`, sequencerOf(number));
    const body = message([event(`${number}%`), ...readable.map((one) => event(one.key, one))]);
    return { reason: 'key-not-decodable', body, readable };
  },
];

/** So many messages, each with a body of its own, at least one of every kind. */
export function makePoison(count: number): readonly Poison[] {
  return Array.from({ length: Math.max(count, KINDS.length) }, (_, number) => {
    const make = KINDS[number % KINDS.length];
    if (make === undefined) throw new RangeError('There are no kinds of poison.');
    return make(number);
  });
}

function message(Records: readonly unknown[]): string {
  return JSON.stringify({ Records, TAIL });
}

function sequencerOf(number: number): string {
  return `00F0${number.toString(16).toUpperCase().padStart(14, '0')}`;
}

const CONTENT = { size: 7, eTag: 'd41d8cd98f00b204e9800998ecf8427e' };

/** Uploaded, restored twice, expired: all with the sequencer of the creation. */
function lifeOf(key: string, sequencer: string): readonly ReadableEvent[] {
  const common = { key, sequencer };
  const restored = { ...common, ...CONTENT, eventName: 'ObjectRestore:Completed' };
  return [
    { ...common, ...CONTENT, eventName: 'ObjectCreated:Put', eventTime: FOREIGN_TIME },
    { ...restored, eventTime: '2026-11-23T08:00:00.000Z' },
    { ...restored, eventTime: '2026-11-24T08:00:00.000Z' },
    { ...common, eventName: 'LifecycleExpiration:Delete', eventTime: '2026-11-25T08:00:00.000Z' },
  ];
}

function event(key: string, parts: Partial<ReadableEvent> = {}) {
  const { sequencer = '0055AED6DCD90281E5', eventName = 'ObjectCreated:Put', eventTime = FOREIGN_TIME } = parts;
  const { size, eTag } = parts;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime,
    eventName,
    s3: { bucket: { name: FOREIGN_BUCKET }, object: { key, sequencer, size, eTag } },
  };
}
