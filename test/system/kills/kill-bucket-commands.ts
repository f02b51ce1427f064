import type { LedgerRecord } from '../../../src/ledger/record.ts';
import type { Random } from '../../../src/shared/seeded-random.ts';
import { BUCKET } from '../../ledger/reconcile/bucket-world.ts';
import type { KillWorld } from './kill-world.ts';

/** Objects of a round. */
const OBJECTS = 24;

/** What one round showed. */
export interface Round {
  readonly kills: number;
  /** How the result differs from one without a kill; empty when it does not. */
  readonly faults: readonly string[];
}

/** Kills a backfill once, runs it again, and compares the ledger with what it must be. */
export async function killBackfill(kill: KillWorld, random: Random): Promise<Round> {
  const { world } = kill;
  await world.clear();
  const keys = Array.from({ length: OBJECTS }, (_, index) => `é ${index}+.txt`);
  for (const [index, key] of keys.entries()) await world.put(key, key, index % 4 === 0 ? 'seen' : 'unseen');
  const args = ['backfill', `s3://${BUCKET}`, '--rate', '100000'];
  // A look for each object, a write for three of four, and a listing.
  const kills = Number(await kill.runKilled(args, random, OBJECTS + (OBJECTS * 3) / 4 + 1));
  const { exitCode, stderr } = await kill.run(args);
  const sources = new Map(keys.map((key, index) => [key, index % 4 === 0 ? 'notification' : 'backfill']));
  return { kills, faults: [...ending(exitCode, stderr), ...faultsOf(await world.records(), sources)] };
}

/** The same for a reconciliation that repairs. */
export async function killReconcile(kill: KillWorld, random: Random): Promise<Round> {
  const { world } = kill;
  await world.clear();
  const keys = Array.from({ length: OBJECTS }, (_, index) => `é ${index}+.txt`);
  for (const [index, key] of keys.entries()) await world.put(key, key, index % 3 === 0 ? 'unseen' : 'seen');
  const gone = keys.filter((_, index) => index % 6 === 1);
  for (const key of gone) await world.remove(key, 'unseen');
  const args = ['reconcile', `s3://${BUCKET}`, '--repair'];
  const missing = keys.filter((_, index) => index % 3 === 0).length;
  // A listing, a look for each object, a write for each that is missing; a scan; three requests for each that is gone.
  const kills = Number(await kill.runKilled(args, random, 2 + OBJECTS + missing + 3 * gone.length));
  const { exitCode, stderr } = await kill.run(args);
  const sources = new Map(keys.map((key, index) => [key, index % 3 === 0 ? 'reconcile' : 'notification']));
  const records = await world.records();
  const left = await kill.run(['reconcile', `s3://${BUCKET}`]);
  return {
    kills,
    faults: [
      ...ending(exitCode, stderr),
      ...(left.exitCode === 0 ? [] : [`not complete afterwards: ${left.stdout}`]),
      ...faultsOf(
        records.filter(({ status }) => status === 'uploaded'),
        sources,
      ),
      ...goneFaults(
        records.filter(({ status }) => status === 'deleted'),
        gone,
      ),
    ],
  };
}

function ending(exitCode: number | null, stderr: string): string[] {
  return exitCode === 0 ? [] : [`the second run ended with ${exitCode}: ${stderr}`];
}

/** Each object must have one record, written by whom it should be. */
function faultsOf(records: readonly LedgerRecord[], sources: ReadonlyMap<string, string>): string[] {
  const found = records.map(({ s3_key, source, filesize }) => `${s3_key} by ${source}, ${filesize} bytes`);
  const wanted = [...sources].map(([key, source]) => `${key} by ${source}, ${Buffer.byteLength(key)} bytes`);
  return differences(wanted, found);
}

function goneFaults(records: readonly LedgerRecord[], gone: readonly string[]): string[] {
  const found = records.map(({ s3_key }) => `delete of ${s3_key}`);
  return differences(
    gone.map((key) => `delete of ${key}`),
    found,
  );
}

/** What is on one side only, each as often as the numbers differ. */
export function differences(wanted: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of wanted) counts.set(one, (counts.get(one) ?? 0) + 1);
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) - 1);
  return [...counts].flatMap(([one, count]) => {
    if (count === 0) return [];
    return [`${count > 0 ? 'missing' : 'too often'}: ${one}`];
  });
}
