import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { PROMISES as BEGINNINGS } from '../lab/mutations/promises.ts';
import { PROTECTIONS } from '../lab/mutations/protections.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const GUARANTEES = textOf('docs/guarantees.md');
/** Paragraphs that begin with a sentence in bold type, up to the list of what is not promised. */
const PROMISES = (GUARANTEES.split('\n## What is not promised')[0] ?? '')
  .split(/\n\n/)
  .filter((paragraph) => paragraph.startsWith('**'));

describe('what is guaranteed', () => {
  it('is a list of promises', () => {
    expect(PROMISES.length).toBeGreaterThan(12);
  });

  it.each(PROMISES.map((promise) => [promise.slice(2, promise.indexOf('**', 2)), promise]))('%s', (_, promise) => {
    expect(promise).toMatch(/\*Shown\s+by:\*[\s\S]*(?:`test\/|`npm run )/);
  });
});

describe('the protections that are taken out to see a test fail', () => {
  const namesOf = (promise: string) =>
    Object.entries(BEGINNINGS).flatMap(([name, words]) => (promise.startsWith(`**${words}`) ? [name] : []));

  it.each(PROMISES.map((promise) => [promise.slice(2, promise.indexOf('**', 2)), promise]))(
    'include one of the promise: %s',
    (_, promise) => {
      const [name, ...others] = namesOf(promise);
      expect(others).toEqual([]);
      expect(PROTECTIONS.filter((protection) => protection.promise === name)).not.toEqual([]);
    },
  );

  it('keep only promises that there are', () => {
    expect(PROMISES.flatMap(namesOf).sort()).toEqual(Object.keys(BEGINNINGS).sort());
  });

  it.each(PROTECTIONS.map((protection) => [protection.name, protection] as const))(
    'are in the code, and have tests: %s',
    (_, { file, find, tests }) => {
      expect(textOf(file).split(find)).toHaveLength(2);
      expect(tests.filter((test) => !existsSync(path.join(ROOT, test)))).toEqual([]);
      expect(tests).not.toEqual([]);
    },
  );
});

describe.each(['docs/guarantees.md', 'docs/threat-model.md', 'docs/architecture.md', 'CONTRIBUTING.md'])(
  '%s',
  (file) => {
    const text = textOf(file);

    it('names only files and folders that there are', () => {
      const named = [...text.matchAll(/`((?:test|src|infra|docs)\/[\w./-]+)`/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
    });

    it('names only scripts that there are', () => {
      const named = [...text.matchAll(/`npm run ([\w:-]+)/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
    });

    it('is linked from the README', () => {
      expect([...textOf('README.md').matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link)).toContain(file);
    });
  },
);
