import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { pruneAssemblies, TEMPORARY_PREFIX } from '../../src/local/assembly-prune.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
let directory: string;

function assembly(name: string, hoursIdle: number): string {
  const place = path.join(directory, name);
  mkdirSync(place);
  writeFileSync(path.join(place, 'manifest.json'), '{}');
  const lastUse = new Date(NOW - hoursIdle * 3_600_000);
  utimesSync(place, lastUse, lastUse);
  return place;
}

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-prune-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

describe('assemblies that are no longer current', () => {
  it('go when nobody has used them for an hour, but for the latest three', () => {
    const current = assembly('current', 0);
    for (const hours of [2, 3, 4, 5, 6]) assembly(`idle-${hours}`, hours);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory).sort()).toEqual(['current', 'idle-2', 'idle-3', 'idle-4']);
  });

  it('stay while they may be in use', () => {
    const current = assembly('current', 0);
    for (const minutes of [1, 2, 3, 4, 5, 6]) assembly(`used-${minutes}`, minutes / 60);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory)).toHaveLength(7);
  });

  it('go at once after the hour when they were never finished', () => {
    const current = assembly('current', 0);
    assembly(`${TEMPORARY_PREFIX}crashed`, 2);
    assembly(`${TEMPORARY_PREFIX}at-work`, 0.1);
    pruneAssemblies(directory, current, NOW);
    expect(readdirSync(directory).sort()).toEqual(['current', `${TEMPORARY_PREFIX}at-work`]);
  });
});
