import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { assemblyFingerprint, pruneAssemblies, TEMPORARY_PREFIX } from '../../src/local/assembly.ts';
import { HOUR_MS } from '../../src/shared/time.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
let project: string;
let directory: string;

const fingerprint = (context: Record<string, string> = {}) => assemblyFingerprint(project, context);

function write(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), content);
}

describe('the fingerprint of the sources', () => {
  beforeEach(() => {
    project = mkdtempSync(path.join(tmpdir(), 'upload-ledger-project-'));
    onTestFinished(() => rmSync(project, { recursive: true }));
    write('infra/app.ts', 'app');
    write('src/ledger/writer.ts', 'writer');
  });

  it('is the same for the same sources', () => {
    const before = fingerprint({ batchSize: '5', prefix: 'a' });
    expect(fingerprint({ prefix: 'a', batchSize: '5' })).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    'infra/app.ts',
    'infra/deeper/file.ts',
    'src/shared/errors.ts',
    'src/contract/limits.ts',
    'src/dead-letters/quarantine.ts',
    'src/consumer/consumer.lambda.ts',
    'src/digest/email/template.html',
    'cdk.json',
    'cdk.context.json',
    'package-lock.json',
    'tsconfig.json',
  ])('changes with %s', (file) => {
    const before = fingerprint();
    write(file, 'changed');
    expect(fingerprint()).not.toBe(before);
  });

  it('changes with a setting, with a name, and when text moves to another file', () => {
    const before = fingerprint();
    expect(fingerprint({ batchSize: '5' })).not.toBe(before);
    renameSync(path.join(project, 'infra/app.ts'), path.join(project, 'infra/other.ts'));
    const renamed = fingerprint();
    expect(renamed).not.toBe(before);
    write('infra/other.ts', 'ap');
    write('src/ledger/writer.ts', 'pwriter');
    expect(fingerprint()).not.toBe(renamed);
  });

  it.each([
    'src/local/assembly.ts',
    'src/cli/upload-ledger.ts',
    'src/console/page.html',
    'test/a.test.ts',
    'README.md',
  ])('does not change with %s, which is not deployed', (file) => {
    const before = fingerprint();
    write(file, 'changed');
    expect(fingerprint()).toBe(before);
  });
});

function assembly(name: string, hoursIdle: number): string {
  const place = path.join(directory, name);
  mkdirSync(place);
  writeFileSync(path.join(place, 'manifest.json'), '{}');
  const lastUse = new Date(NOW - hoursIdle * HOUR_MS);
  utimesSync(place, lastUse, lastUse);
  return place;
}

describe('pruning assemblies', () => {
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-prune-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
  });

  it('removes those that nobody has used for an hour, except the current and the latest three', () => {
    const current = assembly('current', 0);
    for (const hours of [2, 3, 4, 5, 6]) assembly(`idle-${hours}`, hours);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory).sort()).toEqual(['current', 'idle-2', 'idle-3', 'idle-4']);
  });

  it('keeps those that may be in use', () => {
    const current = assembly('current', 0);
    for (const minutes of [1, 2, 3, 4, 5, 6]) assembly(`used-${minutes}`, minutes / 60);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory)).toHaveLength(7);
  });

  it('removes every unfinished one after an hour', () => {
    const current = assembly('current', 0);
    assembly(`${TEMPORARY_PREFIX}crashed`, 2);
    assembly(`${TEMPORARY_PREFIX}at-work`, 0.1);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory).sort()).toEqual(['current', `${TEMPORARY_PREFIX}at-work`]);
  });
});
