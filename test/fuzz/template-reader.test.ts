import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { readLocalResources } from '../../src/local/template/template.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';
import { assemblyDirectory } from '../setup/assembly-directory.ts';
import { damaged, withOddPart } from './mutated.ts';

describe('a corrupted template', () => {
  let directory: string;
  let file: string;
  let template: string;

  beforeAll(() => {
    const source = assemblyDirectory();
    directory = mkdtempSync(path.join(os.tmpdir(), 'upload-ledger-fuzz-'));
    const [name = ''] = readdirSync(source).filter((entry) => entry.endsWith('.template.json'));
    for (const entry of readdirSync(source)) {
      if (entry !== name) symlinkSync(path.join(source, entry), path.join(directory, entry));
    }
    file = path.join(directory, name);
    template = readFileSync(path.join(source, name), 'utf8');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function read(text: string): void {
    writeFileSync(file, text);
    try {
      readLocalResources({
        assemblyDirectory: directory,
        region: 'us-east-1',
        accountId: '000000000000',
        endpoint: 'http://127.0.0.1:1',
      });
    } catch (error) {
      // A template that is not understood is refused with a message.
      if (!(error instanceof UploadLedgerError)) throw error;
    }
  }

  it('is read, or refused with a message, whatever replaces one of its values', () => {
    const resources = withOddPart(JSON.parse(template));
    fc.assert(
      fc.property(resources, (value) => read(JSON.stringify(value) ?? '')),
      { seed: 6, numRuns: 600 },
    );
  });

  it('is read, or refused with a message, whatever its text', () => {
    fc.assert(fc.property(damaged(fc.constant(template)), read), { seed: 7, numRuns: 200 });
  });
});
