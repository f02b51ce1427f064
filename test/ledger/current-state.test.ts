import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { currentState, isVersionDelete } from '../../src/ledger/current-state.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { MemoryStack } from '../properties/memory-stack.ts';
import { ledgerRecord } from './records.ts';

const put = (version_id?: string) => event('ObjectCreated:Put', version_id);
const marker = (version_id?: string) => event('ObjectRemoved:DeleteMarkerCreated', version_id);
const remove = (version_id?: string) => event('ObjectRemoved:Delete', version_id);
const expireVersion = (version_id?: string) => event('LifecycleExpiration:Delete', version_id);
const expireBehindMarker = (version_id?: string) => event('LifecycleExpiration:DeleteMarkerCreated', version_id);
const restore = (version_id?: string) => event('ObjectRestore:Completed', version_id);
const found = (version_id?: string) => event('ObjectCreated:*', version_id);
const foundGone = (version_id?: string) => event('ObjectRemoved:*', version_id);

function event(event_name: string, version_id?: string): LedgerRecord {
  const group = event_name.split(':')[0];
  const status = group === 'ObjectCreated' ? 'uploaded' : group === 'ObjectRestore' ? 'restored' : 'deleted';
  return ledgerRecord({ event_name, status, ...(version_id !== undefined && { version_id }) });
}

/** The place, in the history from its oldest record, of the record that tells the state: negative when there is no object. */
async function stateOf(history: readonly LedgerRecord[]): Promise<string | undefined> {
  const state = await currentState(history.toReversed());
  return state && `${state.exists ? 'exists' : 'gone'} by ${history.indexOf(state.record)}`;
}

describe('the current state of an object', () => {
  it.each([
    ['was uploaded', [put()], 'exists by 0'],
    ['was replaced', [put(), put()], 'exists by 1'],
    ['was deleted', [put(), remove()], 'gone by 1'],
    ['has expired', [put(), expireVersion()], 'gone by 1'],
    ['was deleted, though it had been replaced', [put(), put(), remove()], 'gone by 2'],
    ['was uploaded again', [put(), remove(), put()], 'exists by 2'],
    ['was restored', [put(), restore()], 'exists by 1'],
    ['was restored and replaced', [put(), restore(), put()], 'exists by 2'],
    ['was found gone', [put(), foundGone()], 'gone by 1'],
    ['was found gone, and came back', [put(), foundGone(), found()], 'exists by 2'],
    ['is only known to be restored', [restore(), restore()], 'exists by 1'],
    ['is only known to be deleted', [remove()], 'gone by 0'],
    ['is not recorded', [], undefined],
  ] as const)('without versions: it %s', async (_, history, expected) => {
    expect(await stateOf(history)).toBe(expected);
  });

  it.each([
    ['an old version expires', [put('1'), put('2'), expireVersion('1')], 'exists by 1'],
    ['an old version is deleted', [put('1'), put('2'), remove('1')], 'exists by 1'],
    [
      'the null version from before the versions expires',
      [put('null'), put('2'), expireVersion('null')],
      'exists by 1',
    ],
    ['a version from before the ledger expires', [put('2'), expireVersion('1')], 'exists by 0'],
    ['a null version from before the ledger expires', [put('2'), expireVersion()], 'exists by 0'],
    ['it is deleted', [put('1'), marker('2')], 'gone by 1'],
    ['it expires', [put('1'), expireBehindMarker('2')], 'gone by 1'],
    ['it is deleted, and its old version too', [put('1'), marker('2'), remove('1')], 'gone by 1'],
    ['the delete marker is removed', [put('1'), marker('2'), remove('2')], 'exists by 0'],
    ['one of two markers is removed', [put('1'), marker('2'), marker('3'), remove('2')], 'gone by 2'],
    ['the last of two markers is removed', [put('1'), marker('2'), marker('3'), remove('3')], 'gone by 1'],
    ['the current version is deleted', [put('1'), put('2'), remove('2')], 'exists by 0'],
    ['the only version is deleted', [put('1'), remove('1')], 'gone by 1'],
    ['all versions are deleted', [put('1'), put('2'), remove('2'), remove('1')], 'gone by 3'],
    ['nothing but an expired marker was left', [put('1'), marker('2'), remove('1'), expireVersion('2')], 'gone by 3'],
    ['it is uploaded over a marker', [put('1'), marker('2'), put('3')], 'exists by 2'],
    ['an old version is restored', [put('1'), put('2'), restore('1')], 'exists by 1'],
    ['the current version is restored', [put('1'), put('2'), restore('2'), restore('1')], 'exists by 2'],
    ['a restored version is current again', [put('1'), restore('1'), put('2'), remove('2')], 'exists by 1'],
    ['a restored version is deleted', [put('1'), put('2'), restore('2'), remove('2')], 'exists by 0'],
    ['a marker was found', [put('1'), foundGone('2')], 'gone by 1'],
    ['a found marker is removed', [put('1'), foundGone('2'), remove('2')], 'exists by 0'],
    ['it was found gone, and then an old version expires', [put('1'), foundGone(), expireVersion('0')], 'gone by 1'],
    ['it was found gone, and then a null version expires', [put('1'), foundGone(), expireVersion()], 'gone by 1'],
    [
      'a marker that was found gone before is removed',
      [put('1'), marker('2'), foundGone(), remove('2')],
      'exists by 0',
    ],
  ] as const)('with versions: %s', async (_, history, expected) => {
    expect(await stateOf(history)).toBe(expected);
  });

  it.each([
    ['an upload replaces the null version', [put('1'), put(), put(), remove()], 'exists by 0'],
    [
      'a delete replaces the null version by a marker',
      [put('1'), put(), marker('null'), remove('null')],
      'exists by 0',
    ],
  ] as const)('with versions suspended: %s', async (_, history, expected) => {
    expect(await stateOf(history)).toBe(expected);
  });

  it('is read no further than needed', async () => {
    function* history() {
      yield remove('3');
      yield put('3');
      yield put('2');
      throw new Error('read on');
    }
    expect(await currentState(history())).toEqual({ exists: true, record: put('2') });
  });
});

describe('the delete of a version', () => {
  it.each([
    [remove('1'), true],
    [expireVersion('1'), true],
    [remove(), false],
    [remove('null'), false],
    [marker('1'), false],
    [foundGone('1'), false],
    [put('1'), false],
  ])('is told from what it is not (%#)', (record, expected) => {
    expect(isVersionDelete(record)).toBe(expected);
  });
});

describe('versions that were recorded', () => {
  const file = path.resolve(import.meta.dirname, '../fixtures/cases/versions.json');
  const bodies: readonly unknown[] = JSON.parse(readFileSync(file, 'utf8'));

  it.each([
    ['ver/noncurrent.txt', 'v2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 20],
    ['ver/undeleted.txt', 'v1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 10],
    ['ver/rollback.txt', 'v1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 10],
  ])('leave %s as it is in its bucket', async (key, version_id, filesize) => {
    const stack = new MemoryStack();
    for (const body of bodies) stack.send(JSON.stringify(body));
    await stack.deliver(Array.from(bodies.keys()), { calls: [], deadLettersDown: false, dies: false });
    const history = stack.records.filter(({ s3_key }) => s3_key === key);
    const newestFirst = history.toSorted((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
    expect(await currentState(newestFirst)).toMatchObject({ exists: true, record: { version_id, filesize } });
  });
});
