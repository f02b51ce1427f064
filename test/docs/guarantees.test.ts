import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const ROOT = path.resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const GUARANTEES = textOf('docs/guarantees.md');
/** Paragraphs that begin with a sentence in bold type, up to where it is told what is not promised. */
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
