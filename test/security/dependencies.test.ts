import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface LockedPackage {
  readonly license?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  /** Ships inside another package, whose integrity covers it. */
  readonly inBundle?: boolean;
}

const lock = readJson<{ readonly packages: Readonly<Record<string, LockedPackage>> }>('package-lock.json');
const project = readJson<{ readonly allowScripts?: Readonly<Record<string, unknown>> }>('package.json');
/** Without our own: the project, and its workspace for Node. */
const OWN = ['', 'infra/node', 'node_modules/@upload-ledger/node'];
const packages = Object.entries(lock.packages).filter(([place]) => !OWN.includes(place));

/**
 * Licences that allow use and distribution under the project's own, MIT. MPL-2.0 binds changes to its own files only.
 */
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Unlicense',
]);

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as T;
}

/** One of the alternatives of an SPDX expression without AND. */
function isTaken(licence = ''): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((one) => LICENCES.has(one));
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

describe('the installed packages', () => {
  it('are seen by this test', () => {
    expect(packages.length).toBeGreaterThan(100);
  });

  it('have licences that allow their use here', () => {
    const refused = packages.filter(([, { license }]) => !isTaken(license));
    expect(refused.map(([place, { license }]) => `${place}: ${license}`)).toEqual([]);
  });

  it('have the same licence in their package.json as in the lockfile', () => {
    const installed = globSync('node_modules/{*,@*/*}/package.json', { cwd: ROOT });
    const different = installed.flatMap((file) => {
      const locked = lock.packages[path.dirname(file).replaceAll(path.sep, '/')]?.license;
      const { license } = readJson<{ readonly license?: unknown }>(file);
      return typeof license === 'string' && locked !== undefined && license !== locked ? [`${file}: ${license}`] : [];
    });
    expect(different).toEqual([]);
  });

  it('are fixed by the hashes of their content', () => {
    const loose = packages.filter(([, { integrity, inBundle }]) => {
      return !inBundle && !integrity?.startsWith('sha512-');
    });
    expect(loose.map(([place]) => place)).toEqual([]);
  });

  it('are fixed by hashes and run no install script in the mutation score’s own installation too', () => {
    const apart = readJson<{ readonly packages: Readonly<Record<string, LockedPackage>> }>(
      'test/lab/mutation-score/package-lock.json',
    );
    const loose = Object.entries(apart.packages).filter(([place, one]) => {
      return place !== '' && !one.inBundle && !one.integrity?.startsWith('sha512-');
    });
    expect(loose.map(([place]) => place)).toEqual([]);
    expect(readFileSync(path.join(ROOT, 'test/lab/mutation-score/.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });

  it('run no install script: npm ignores them, and each package that has one is named as not allowed', () => {
    expect(readFileSync(path.join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    const withScripts = new Set(packages.filter(([, one]) => one.hasInstallScript).map(([place]) => nameOf(place)));
    const named = Object.fromEntries([...withScripts].sort().map((name) => [name, false]));
    expect(project.allowScripts).toEqual(named);
  });
});
