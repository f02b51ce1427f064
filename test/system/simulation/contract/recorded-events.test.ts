import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SimulatedBucket, type Version } from '../services/simulated-s3.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

/** An event record as S3 has sent it. */
interface RecordedEvent {
  readonly eventName: string;
  readonly eventTime: string;
  readonly s3: {
    readonly object: {
      readonly key: string;
      readonly sequencer: string;
      readonly versionId?: string;
      readonly size?: number;
    };
  };
}

const WHO = 'AWS:AROAEXAMPLE:alice';

function recorded(file: string): RecordedEvent[] {
  const url = new URL(`../../../fixtures/cases/${file}`, import.meta.url);
  const messages: { readonly Records: RecordedEvent[] }[] = JSON.parse(readFileSync(url, 'utf8'));
  return messages.flatMap(({ Records }) => Records).sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
}

/** Does to the bucket what each event tells of, when it tells of it, and gives the bodies of the simulated notifications. */
async function replay(events: readonly RecordedEvent[], isVersioned: boolean): Promise<RecordedEvent[]> {
  const clock = new VirtualClock(Date.parse(events[0]?.eventTime ?? ''), 1);
  const bodies: string[] = [];
  const bucket = new SimulatedBucket({
    name: 'acme-uploads',
    isVersioned,
    clock,
    onEvent: (_, body) => bodies.push(body),
  });
  const versions = new Map<string, Version>();
  for (const { eventName, eventTime, s3 } of events) {
    const { key, versionId = '', size = 0 } = s3.object;
    await clock.runUntil(Date.parse(eventTime));
    const version = versions.get(`${key} ${versionId}`);
    if (eventName === 'ObjectCreated:Put') bucket.put(key, size, WHO);
    else if (eventName === 'ObjectRemoved:DeleteMarkerCreated') bucket.delete(key, WHO);
    else if (eventName === 'ObjectRemoved:Delete' && version) bucket.deleteVersion(version, WHO);
    else if (eventName === 'LifecycleExpiration:Delete' && version) bucket.expireVersion(version);
    else if (eventName === 'ObjectRestore:Completed') bucket.restore(key, 'Completed');
    else throw new TypeError(`Expected an event that can be replayed; got ${eventName} of ${key}.`);
    const made = bucket.versionsOf(key).at(-1);
    if (made && !versions.has(`${key} ${versionId}`)) versions.set(`${key} ${versionId}`, made);
  }
  return bodies.flatMap((body) => JSON.parse(body).Records);
}

/** Names of all fields, as paths. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, field]) => fieldsOf(field, `${path}/${name}`));
}

/** Left out of these recordings; others have them. */
const NOT_RECORDED = /ownerIdentity|x-amz-id-2|glacierEventData/;

function comparable(event: RecordedEvent) {
  const { eventName, eventTime, s3 } = event;
  const fields = fieldsOf(event).filter((field) => !NOT_RECORDED.test(field));
  return { eventName, eventTime, key: s3.object.key, size: s3.object.size, fields: fields.sort() };
}

/** For each event, the first of its key that has its sequencer, and likewise its version. */
function relations(events: readonly RecordedEvent[]) {
  const firstWith = (event: RecordedEvent, field: 'sequencer' | 'versionId') =>
    events.findIndex(({ s3: { object } }) => {
      return object.key === event.s3.object.key && object[field] === event.s3.object[field];
    });
  return events.map((event) => [firstWith(event, 'sequencer'), firstWith(event, 'versionId')]);
}

describe.each([
  { file: 'expiry-and-restore.json', isVersioned: false },
  { file: 'versions.json', isVersioned: true },
])('what is recorded in $file', ({ file, isVersioned }) => {
  it('is what the simulated bucket tells: the same events with the same fields', async () => {
    const events = recorded(file);
    expect((await replay(events, isVersioned)).map(comparable)).toEqual(events.map(comparable));
  });

  it('has the same relations between sequencers, and between versions', async () => {
    const events = recorded(file);
    expect(relations(await replay(events, isVersioned))).toEqual(relations(events));
  });
});

it('finishes a restore with the fields of a recorded one', () => {
  const url = new URL('../../../fixtures/events/s3-2.1-restore-completed.json', import.meta.url);
  const [restored]: RecordedEvent[] = JSON.parse(readFileSync(url, 'utf8')).Records;
  const bodies: string[] = [];
  const bucket = new SimulatedBucket({
    name: 'acme-uploads',
    isVersioned: true,
    clock: new VirtualClock(0, 1),
    onEvent: (_, body) => bodies.push(body),
  });
  bucket.put('photos/red flower.jpg', 48_213, WHO);
  bucket.restore('photos/red flower.jpg', 'Completed');
  const simulated = JSON.parse(bodies[1] ?? '').Records[0];
  expect(fieldsOf(simulated).sort()).toEqual(fieldsOf(restored).sort());
});
