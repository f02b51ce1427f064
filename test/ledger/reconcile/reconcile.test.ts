import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { currentState } from '../../../src/ledger/current-state.ts';
import { historyOf } from '../../../src/ledger/read/history.ts';
import { reconcile } from '../../../src/ledger/reconcile/reconcile.ts';
import type { ReconcileOptions } from '../../../src/ledger/reconcile/report.ts';
import { completeness, type Finding, type ReconcileReport } from '../../../src/ledger/reconcile/report.ts';
import { recordOf } from '../read/reader-table.ts';
import { ledgerRecord } from '../records.ts';
import { BUCKET, type BucketWorld, openBucketWorld, settingsFor, UNPACED } from './bucket-world.ts';

let world: BucketWorld;

beforeAll(async () => {
  world = await openBucketWorld();
});
afterEach(() => world.clear());
afterAll(() => world.close());

async function run(options: Partial<ReconcileOptions> = {}): Promise<{ findings: string[]; report: ReconcileReport }> {
  const running = reconcile({
    ...UNPACED,
    table: world.table,
    client: world.s3,
    bucket: BUCKET,
    settings: settingsFor('reconcile'),
    repair: false,
    graceMilliseconds: 0,
    startedAt: new Date(),
    ...options,
  });
  const findings: Finding[] = [];
  let step = await running.next();
  for (; !step.done; step = await running.next()) findings.push(step.value);
  return { findings: findings.map(({ kind, key }) => `${kind} ${key}`).sort(), report: step.value };
}

/** The bucket of the world, as if it had versions and this one were the current one of each object. */
function versioned(VersionId: string): ReconcileOptions['client'] {
  const send = async (command: Parameters<S3Client['send']>[0]) => {
    const answer = await world.s3.send(command);
    return command instanceof HeadObjectCommand ? { ...answer, VersionId } : answer;
  };
  return { send } as ReconcileOptions['client'];
}

describe('reconcile', () => {
  it('finds nothing where bucket and ledger agree', async () => {
    for (let number = 0; number < 30; number += 1) await world.put(`é ${number}+.txt`, `${number}`, 'seen');
    await world.put('é 3+.txt', 'once more', 'seen');
    await world.remove('é 4+.txt', 'seen');
    const { findings, report } = await run();
    expect(findings).toEqual([]);
    expect(report).toMatchObject({ listed: 29, recorded: 29, missing: 0, different: 0, gone: 0 });
    expect(completeness(report)).toBe(1);
  });

  it('finds exactly what is missing, different and gone, and repairs it', async () => {
    for (let number = 0; number < 30; number += 1) await world.put(`${number}`, `${number}`, 'seen');
    await world.forget(...(await world.records()).filter(({ s3_key }) => ['3', '17'].includes(s3_key)));
    await world.put('behind', 'the back', 'unseen');
    await world.put('5', 'overwritten', 'unseen');
    await world.remove('9', 'unseen');
    await world.remove('11', 'seen');
    await world.put('11', '11', 'unseen');
    await world.table.put(
      ...(await world.records()).filter(({ s3_key }) => s3_key === '20').map((record) => ({ ...record, filesize: 99 })),
    );
    const expected = ['different 20', 'gone 9', 'missing 11', 'missing 17', 'missing 3', 'missing 5', 'missing behind'];
    const { findings, report } = await run();
    expect(findings).toEqual(expected);
    expect(report).toMatchObject({ listed: 30, recorded: 24, missing: 5, different: 1, gone: 1, repaired: 0 });
    expect(completeness(report)).toBeCloseTo(24 / 31, 10);

    const repaired = await run({ repair: true });
    expect(repaired.findings).toEqual(expected);
    expect(completeness(repaired.report)).toBe(1);
    const after = await run();
    expect(after.findings).toEqual([]);
    expect(after.report).toMatchObject({ listed: 30, recorded: 30 });
    const sources = Map.groupBy(await world.records(), ({ source }) => source);
    expect(
      sources
        .get('reconcile')
        ?.map(({ s3_key, status }) => `${status} ${s3_key}`)
        .sort(),
    ).toEqual([
      'deleted 9',
      'uploaded 11',
      'uploaded 17',
      'uploaded 20',
      'uploaded 3',
      'uploaded 5',
      'uploaded behind',
    ]);
  });

  it('only looks at its bucket and prefix', async () => {
    await world.put('in/a', 'a', 'unseen');
    await world.put('out/b', 'b', 'unseen');
    await world.table.put(recordOf('in/gone', { s3_bucket: BUCKET }), recordOf('out/gone', { s3_bucket: BUCKET }));
    await world.table.put(recordOf('in/elsewhere', { s3_bucket: 'another' }));
    expect((await run({ prefix: 'in/' })).findings).toEqual(['gone in/gone', 'missing in/a']);
  });

  it('does not report recent objects as missing', async () => {
    await world.put('a', 'a', 'unseen');
    const { findings, report } = await run({ graceMilliseconds: 60_000 });
    expect({ findings, recent: report.recent, complete: completeness(report) }).toEqual({
      findings: [],
      recent: 1,
      complete: undefined,
    });
  });

  it('waits for the notification of a delete before it reports an object as gone', async () => {
    await world.table.put(recordOf('gone', { s3_bucket: BUCKET }));
    const waited: number[] = [];
    const sleep = async (milliseconds: number) => {
      waited.push(milliseconds);
      await world.table.put(recordOf('gone', { s3_bucket: BUCKET, status: 'deleted', upload_id: 'f'.repeat(32) }));
    };
    expect((await run({ graceMilliseconds: 900_000, clock: { monotonic: () => 0, sleep } })).findings).toEqual([]);
    expect(waited).toEqual([60_000]);
  });

  it('reads every record of a long history', async () => {
    const at = (second: number) => new Date(Date.UTC(2027, 0, 1, 0, 0, second)).toISOString();
    await world.put('long', 'first', 'seen');
    const later = Array.from({ length: 60 }, (_, index) =>
      recordOf('long', {
        s3_bucket: BUCKET,
        etag: `e${index}`,
        timestamp: at(index),
        upload_id: `f${index + 100}`.padEnd(32, '0'),
      }),
    );
    await world.table.put(...later);
    expect((await run()).findings).toEqual([]);
  });

  it('finds an upload that has two records because its notification came after all, and keeps the notification', async () => {
    await world.put('a', 'a', 'unseen');
    await run({ repair: true });
    await world.record('a');
    const { findings, report } = await run();
    expect(findings).toEqual(['twice a']);
    expect(completeness(report)).toBe(0.5);
    expect((await run({ repair: true })).report).toMatchObject({ twice: 1, repaired: 1 });
    expect((await world.records()).map(({ source }) => source)).toEqual(['notification']);
    expect((await run()).findings).toEqual([]);
  });

  it('finds a delete that has two records', async () => {
    await world.put('a', 'a', 'seen');
    await world.remove('a', 'unseen');
    await run({ repair: true });
    await world.record('a');
    expect((await run()).findings).toEqual(['twice a']);
    await run({ repair: true });
    expect((await world.records()).map(({ status, source }) => `${status} by ${source}`).sort()).toEqual([
      'deleted by notification',
      'uploaded by notification',
    ]);
  });

  it('asks S3 about a notification that is much later than the object', async () => {
    await world.put('a', 'a', 'unseen');
    await run({ repair: true });
    const [mine] = await world.records();
    if (mine === undefined) throw new Error('there is no record');
    const later = new Date(Date.parse(mine.timestamp) + 3_600_000).toISOString();
    const { event_name: _, ...rest } = mine;
    await world.table.put({
      ...rest,
      event_name: 'ObjectCreated:Put',
      source: 'notification',
      upload_id: 'f'.repeat(32),
      timestamp: later,
    });
    expect((await run()).findings).toEqual(['twice a']);
    await world.put('a', 'something else', 'seen');
    expect((await run()).findings).toEqual([]);
  });

  it('judges by versions whether the ledger has an object that is gone', async () => {
    const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}T10:00:00.000Z`;
    const put = (key: string, version_id: string, number: number) =>
      recordOf(key, {
        s3_bucket: BUCKET,
        version_id,
        timestamp: day(number),
        upload_id: `00${number}`.padEnd(32, '0'),
      });
    const remove = (key: string, version_id: string, number: number, event_name = 'ObjectRemoved:Delete') =>
      ledgerRecord({ ...put(key, version_id, number), status: 'deleted', event_name });
    const marker = (key: string, id: string, number: number) =>
      remove(key, id, number, 'ObjectRemoved:DeleteMarkerCreated');
    await world.table.put(
      ...[
        put('old version deleted', 'a', 10),
        put('old version deleted', 'b', 11),
        remove('old version deleted', 'a', 12),
      ],
      ...[put('rolled back', 'a', 10), put('rolled back', 'b', 11), remove('rolled back', 'b', 12)],
      ...[put('undeleted', 'a', 10), marker('undeleted', 'm', 11), remove('undeleted', 'm', 12)],
      ...[put('deleted', 'a', 10), marker('deleted', 'm', 11), remove('deleted', 'a', 12)],
      ...[put('all deleted', 'a', 10), put('all deleted', 'b', 11), remove('all deleted', 'a', 12)],
      ...[remove('all deleted', 'b', 13)],
    );
    const gone = ['gone old version deleted', 'gone rolled back', 'gone undeleted'];
    expect((await run()).findings).toEqual(gone);
    expect((await run({ repair: true })).findings).toEqual(gone);
    expect((await run()).findings).toEqual([]);
  });

  it('takes no object for gone that has expired after many uploads', async () => {
    const at = (number: number) => new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString();
    const uploads = (key: string, count: number) =>
      Array.from({ length: count }, (_, number) =>
        recordOf(key, {
          s3_bucket: BUCKET,
          timestamp: at(number),
          upload_id: number.toString(16).padStart(18, '0').padEnd(32, '0').toUpperCase(),
        }),
      );
    const expiry = (key: string) =>
      recordOf(key, {
        s3_bucket: BUCKET,
        status: 'deleted',
        event_name: 'LifecycleExpiration:Delete',
        timestamp: '2026-11-20T00:00:00.000Z',
        upload_id: '.2026-11-20T00:00:00.000Z/0/LifecycleExpiration:Delete',
      });
    await world.table.put(
      ...uploads('often', 60),
      expiry('often'),
      ...uploads('very often', 1100),
      expiry('very often'),
    );
    await world.table.put(...uploads('gone', 1100));
    expect((await run()).findings).toEqual(['gone gone']);
  });

  it.each([
    ['a delete marker', 'ObjectRemoved:DeleteMarkerCreated', 'deleted'],
    ['a later version', 'ObjectCreated:Put', 'uploaded'],
  ] as const)(
    'finds that %s was deleted for good, and repairs it until its notification comes',
    async (_, event_name, status) => {
      await world.put('a', 'a', 'seen');
      const [first] = await world.records();
      if (first === undefined) throw new Error('expected a record');
      const v1 = { ...first, version_id: 'v1' };
      const timestamp = new Date(Date.parse(v1.timestamp) + 5000).toISOString();
      const later = { ...v1, timestamp, status, event_name, etag: 'e2', version_id: 'v2', upload_id: 'F'.repeat(32) };
      await world.table.put(v1, later);
      expect(await run()).toMatchObject({
        findings: ['reverted a'],
        report: { recorded: 0, reverted: 1, repaired: 0 },
      });
      expect((await run({ repair: true, waiting: { has: () => true } })).report).toMatchObject({
        waiting: 1,
        repaired: 0,
      });
      expect((await run({ repair: true })).report).toMatchObject({ reverted: 1, repaired: 1 });
      expect(await run()).toMatchObject({ findings: [], report: { recorded: 1 } });
      const removal = {
        ...later,
        event_name: 'ObjectRemoved:Delete',
        status: 'deleted',
        upload_id: `${'F'.repeat(31)}1`,
      } as const;
      await world.table.put(removal);
      expect((await run({ repair: true })).findings).toEqual(['twice a']);
      expect((await world.records()).map(({ source }) => source)).toEqual([
        'notification',
        'notification',
        'notification',
      ]);
    },
  );

  it('finds that the current version has no record, though a deleted one of equal content has', async () => {
    await world.put('a', 'a', 'seen');
    const [first] = await world.records();
    if (first === undefined) throw new Error('expected a record');
    const v1 = { ...first, version_id: 'v1' };
    const timestamp = new Date(Date.parse(v1.timestamp) + 5000).toISOString();
    const removal = { event_name: 'ObjectRemoved:Delete', status: 'deleted', upload_id: 'F'.repeat(32) } as const;
    await world.table.put(v1, { ...v1, ...removal, timestamp });
    const client = versioned('v2');
    expect(await run({ client })).toMatchObject({ findings: ['missing a'], report: { recorded: 0, missing: 1 } });
    expect((await run({ client, graceMilliseconds: 60_000 })).report).toMatchObject({ recent: 1, missing: 0 });
    expect((await run({ client, repair: true })).report).toMatchObject({ missing: 1, repaired: 1 });
    expect(await run({ client })).toMatchObject({ findings: [], report: { recorded: 1 } });
    expect((await world.records()).map(({ version_id }) => version_id).sort()).toEqual(['v1', 'v1', 'v2']);
  });

  it('does not call an object gone that a delete marker may hide, where the stack records none', async () => {
    const events = ['ObjectCreated:*', 'ObjectRemoved:Delete', 'LifecycleExpiration:Delete'];
    const plain = recordOf('plain', { s3_bucket: BUCKET });
    await world.table.put(plain, recordOf('versioned', { s3_bucket: BUCKET, version_id: 'v1' }));
    expect(await run({ scope: { events } })).toMatchObject({ findings: ['gone plain'], report: { unclear: 1 } });
    expect((await run()).findings).toEqual(['gone plain', 'gone versioned']);
  });

  it('does not judge later versions where the stack does not record every delete', async () => {
    await world.put('a', 'a', 'seen');
    const [first] = await world.records();
    if (first === undefined) throw new Error('expected a record');
    const timestamp = new Date(Date.parse(first.timestamp) + 5000).toISOString();
    const later = { ...first, timestamp, etag: 'e2', version_id: 'v2', upload_id: 'F'.repeat(32) };
    await world.table.put({ ...first, version_id: 'v1' }, later);
    expect((await run({ scope: { events: ['ObjectCreated:*'] } })).findings).toEqual([]);
  });

  it('places the record of a lost upload after what was recorded within its second', async () => {
    await world.put('a', 'first', 'seen');
    const [first] = await world.records();
    await world.put('a', 'second', 'unseen');
    const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    // As if both uploads were of one second: the recorded one seems to be the later.
    const second = Contents[0]?.LastModified?.toISOString().slice(0, 19);
    const timestamp = `${second}.999Z`;
    if (first !== undefined) await world.table.put({ ...first, timestamp });
    expect((await run({ repair: true })).findings).toEqual(['different a']);
    expect(await run()).toMatchObject({ findings: [], report: { recorded: 1 } });
    const state = await currentState(historyOf(world.table, BUCKET, 'a', { order: 'newest-first' }));
    expect(state).toMatchObject({ exists: true, record: { source: 'reconcile', filesize: 'second'.length } });
  });

  it('ignores the other items of the table', async () => {
    await world.table.putItem({ s3_object: { S: 'summary#2026-11-22T10Z' }, upload_id: { S: 'x' } });
    expect((await run()).findings).toEqual([]);
  });

  it('ends between two pages when its signal is aborted', async () => {
    await world.put('a', 'a', 'unseen');
    const { report } = await run({ signal: AbortSignal.abort() });
    expect(report.listed).toBe(0);
  });
});
