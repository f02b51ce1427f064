import { globSync } from 'node:fs';

/**
 * Files of the stages that do nothing but talk to a service, in calls that only an emulator can judge. Their tests start emulators, which
 * takes too long to be done for each mutant.
 */
const EDGES = [
  'src/ledger/{backfill,batch-write,find-version,one-request,put-record,stored-keys}.ts',
  'src/ledger/{bucket,reader,reconcile}*.ts',
  'src/digest/alerts/claim-alerts.ts',
  'src/digest/email/{mailer,ses-client}.ts',
  'src/digest/summary/summary-store.ts',
  'src/digest/window/*.ts',
];

/** Tests of these, and others that start emulators. */
export const EMULATED = [
  'test/ledger/{backfill,bucket-inventory,reader,reader-follow,reader-pages,reconcile,writer-dynamodb,writer-reference}.test.ts',
  'test/digest/email/{mailer,mailer-arrival}.test.ts',
  'test/digest/summary/summary-store.test.ts',
  'test/digest/window/{cost,every-minute-once,handle-tick,preview-digest}.test.ts',
];

/** The files of a stage that are mutated, by their paths from the project's folder. */
export function pureFiles(stage: string): readonly string[] {
  return globSync(`src/${stage}/**/*.ts`, { exclude: EDGES }).sort();
}
