import { globSync } from 'node:fs';

/**
 * Files of the stages that do nothing but talk to a service, in calls that only an emulator can judge. Their tests start emulators, which
 * takes too long to be done for each mutant.
 */
const EDGES = [
  'src/ledger/{backfill,batch-write,find-version,one-request,put-record,stored-keys}.ts',
  'src/ledger/{bucket,reader,reconcile}*.ts',
  'src/digest/{claim-alerts,close-batch,fold-window,handle-tick,keep-trying,mailer,preview-digest,put-summary,read-summaries}.ts',
  'src/digest/{send-alerts,watermark}.ts',
];

/** Tests of these, and others that start emulators. */
export const EMULATED = [
  'test/ledger/{backfill,bucket-inventory,reader,reader-follow,reader-pages,reconcile,writer-dynamodb,writer-reference}.test.ts',
  'test/digest/{close-batch,cost,every-minute-once,handle-tick,mailer,mailer-arrival,preview-digest,send-alerts,summary-store}.test.ts',
];

/** The files of a stage that are mutated, by their paths from the project's folder. */
export function pureFiles(stage: string): readonly string[] {
  return globSync(`src/${stage}/*.ts`, { exclude: EDGES }).sort();
}
