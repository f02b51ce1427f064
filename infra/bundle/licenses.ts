import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

const PROJECT = path.resolve(import.meta.dirname, '../..');

/**
 * Folders of the packages whose code is in the bundles that `metafiles` describe, relative to the project. A package that
 * is nested in another one's folder counts by itself.
 */
export function packagesIn(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.map((input) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? '');
  return [...new Set(folders)].filter((folder) => folder !== '');
}

/** Writes the licenses of bundled packages, as they ask for, each text once, to `file`. */
export function writeLicenses(file: string, packages: readonly string[]): void {
  const namesByText = new Map<string, string[]>();
  for (const folder of new Set(packages)) {
    const text = licenseOf(path.join(PROJECT, folder));
    namesByText.set(text, [...(namesByText.get(text) ?? []), folder.replace(/.*node_modules\//, '')]);
  }
  const parts = [...namesByText].map(([text, names]) => `${[...new Set(names)].sort().join(', ')}\n\n${text}\n`);
  writeFileSync(file, parts.sort().join(`\n${'-'.repeat(80)}\n\n`));
}

/** The license's text, or where a package has none its name. */
function licenseOf(folder: string): string {
  const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (name !== undefined) return readFileSync(path.join(folder, name), 'utf8').trim();
  const { license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return `License: ${license}`;
}
