import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';

const outputs: string[] = [];

afterAll(() => {
  for (const output of outputs.splice(0)) rmSync(output, { recursive: true, force: true });
});

/** An app whose output is removed after the file's tests: without a directory of ours, the CDK makes one in the temp folder and leaves it. */
export function temporaryApp(context: Readonly<Record<string, unknown>> = {}): App {
  const outdir = mkdtempSync(path.join(tmpdir(), 'upload-ledger-app-'));
  outputs.push(outdir);
  return new App({ context, outdir });
}
