import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { processContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { renderReference } from './render-reference.ts';

const FILE = path.resolve(import.meta.dirname, '../../docs/cli.md');

describe('docs/cli.md', () => {
  it('is what the commands say of themselves ("npm run lab -- cli-reference" writes it)', async () => {
    const reference = renderReference(await createProgram(processContext(process)));
    expect(await readFile(FILE, 'utf8')).toBe(reference);
    expect(reference).toContain('## upload-ledger dlq redrive');
  });
});
