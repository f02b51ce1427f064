import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../infra/settings/configuration.ts';
import packageJson from '../package.json' with { type: 'json' };

const README = readFileSync(path.resolve(import.meta.dirname, '../README.md'), 'utf8');

describe('the README', () => {
  it.each(Object.keys(SETTINGS.shape))('tells of the setting %s', (setting) => {
    const row = README.split('\n').find(
      (line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${setting}\``),
    );
    expect(row).toBeDefined();
  });

  it('gives the default of each setting that has a plain one', () => {
    const defaults = SETTINGS.parse({}) as Record<string, unknown>;
    for (const [setting, value] of Object.entries(defaults)) {
      if (typeof value !== 'number' && typeof value !== 'string') continue;
      const row = README.split('\n').find(
        (line) => line.startsWith('|') && line.split('|')[1]?.includes(`\`${setting}\``),
      );
      expect(row, setting).toContain(`\`${value}\``);
    }
  });

  it('names only scripts that there are', () => {
    const named = [...README.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(Object.keys(packageJson.scripts)).toContain(name);
  });

  it('links only to files that there are', () => {
    const links = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(path.resolve(import.meta.dirname, '..', link)))).toEqual([]);
  });
});
