import { globSync } from 'node:fs';

/**
 * Files of the stages that do nothing but talk to a service, in calls that only an emulator can judge. Their tests start
 * emulators, which takes too long for each mutant.
 */
const EDGES = [
  'src/ledger/write/batch-write.ts',
  'src/ledger/read/{follow,history,newest,query,reader}.ts',
  'src/ledger/reconcile/{backfill,bucket-listing,gone-objects,reconcile}.ts',
  'src/digest/alerts/claim-alerts.ts',
  'src/digest/email/ses-client.ts',
  'src/digest/summary/summary-store.ts',
  'src/digest/window/*.ts',
];

/** Tests of these, and others that start emulators. */
export const EMULATED = [
  'test/ledger/read/{follow,history,query,reader}.test.ts',
  'test/ledger/reconcile/{backfill,reconcile}.test.ts',
  'test/ledger/write/{writer-dynamodb,writer-reference}.test.ts',
  'test/digest/email/mailer-arrival.test.ts',
  'test/digest/summary/summary-store.test.ts',
  'test/digest/window/{cost,every-minute-once,handle-tick,preview-digest}.test.ts',
];

/** The files of a stage that are mutated, by their paths from the project's folder. */
export function pureFiles(stage: string): readonly string[] {
  return globSync(`src/${stage}/**/*.ts`, { exclude: EDGES }).sort();
}
