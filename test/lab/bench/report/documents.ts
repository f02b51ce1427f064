import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performanceTables, type Run, readmeTables } from './document-tables.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** Writes the figures of one run into the documents, so that all that they say was measured together. */
export function updateDocuments(run: Run): void {
  update('docs/performance.md', performanceTables(run));
  update('README.md', readmeTables(run));
}

/** @throws Error when the document has no place for one of the `parts`. */
function update(file: string, parts: Readonly<Record<string, string>>): void {
  const document = path.join(ROOT, file);
  const text = Object.entries(parts).reduce(
    (before, [name, part]) => withPart(before, name, part, file),
    readFileSync(document, 'utf8'),
  );
  writeFileSync(document, text);
}

/** Puts `part` between the comments that name its place. */
export function withPart(text: string, name: string, part: string, file: string): string {
  const [begin, end] = [`<!-- bench: ${name} -->\n`, '<!-- bench: end -->'];
  const start = text.indexOf(begin);
  const stop = text.indexOf(end, start);
  if (start < 0 || stop < 0) throw new Error(`Expected ${begin.trim()} and ${end} in ${file}; they are not there.`);
  return `${text.slice(0, start + begin.length)}\n${part}\n${text.slice(stop)}`;
}
