import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const STAGES = ['notification', 'upload', 'ledger', 'digest', 'dead-letters', 'estimate'];
const EDGES = ['consumer', 'local', 'cli', 'console'];

interface SourceFile {
  readonly path: string;
  /** Folder below src/, or `infra`. */
  readonly area: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files: SourceFile[] = globSync(['src/**/*.ts', 'infra/**/*.ts'], { cwd: ROOT }).map((file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const [top = '', second = ''] = file.split(path.sep);
  return { path: file, area: top === 'infra' ? 'infra' : second, text, imports: importsOf(file, text) };
});

/** Project-relative paths of relative imports; the bare specifier of all others. */
function importsOf(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'/g)];
  const bare = [...text.matchAll(/(?:^|\n)import '([^']+)'/g)];
  const dynamic = [...text.matchAll(/\bimport\('([^']+)'\)/g)];
  return [...specifiers, ...bare, ...dynamic].map(([, specifier = '']) =>
    specifier.startsWith('.') ? path.join(path.dirname(file), specifier) : specifier,
  );
}

/** Every import that breaks a rule, as `importer -> imported`. */
function violations(
  importers: (file: SourceFile) => boolean,
  forbidden: (imported: string, file: SourceFile) => boolean,
) {
  return files
    .filter(importers)
    .flatMap((file) => file.imports.filter((to) => forbidden(to, file)).map((to) => `${file.path} -> ${to}`));
}

const folder = (imported: string) => imported.match(/^src\/([^/]+)\//)?.[1];

describe('the layout', () => {
  it('is seen by this test', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.some((file) => file.imports.some((to) => to.startsWith('src/contract/')))).toBe(true);
  });

  it('keeps the contract free of imports from outside itself', () => {
    expect(
      violations(
        (file) => file.area === 'contract',
        (to) => folder(to) !== 'contract',
      ),
    ).toEqual([]);
  });

  it('lets the infrastructure see the contract and nothing else of src', () => {
    expect(
      violations(
        (file) => file.area === 'infra',
        (to) => folder(to) !== undefined && folder(to) !== 'contract',
      ),
    ).toEqual([]);
  });

  it('keeps the stages free of the consumer, the local stack, the command line and the console', () => {
    expect(
      violations(
        (file) => STAGES.includes(file.area),
        (to) => EDGES.includes(folder(to) ?? ''),
      ),
    ).toEqual([]);
  });

  it('keeps the deployed code free of development tools', () => {
    const deployed = [...STAGES, 'contract', 'consumer'];
    const tools = /^(fauxqs|dynalite|aws-ses-v2-local|aws-cdk-lib|constructs|commander|esbuild|vitest|zod)/;
    expect(
      violations(
        (file) => deployed.includes(file.area),
        (to) => tools.test(to),
      ),
    ).toEqual([]);
  });

  it('reads the environment in one place of each program', () => {
    const readers = files.filter((file) => /\bprocess\.env\b/.test(file.text)).map((file) => file.path);
    expect(readers.filter((file) => file.startsWith('src/consumer/'))).toEqual(['src/consumer/config.ts']);
    expect(readers.filter((file) => STAGES.some((stage) => file.startsWith(`src/${stage}/`)))).toEqual([]);
  });

  it('makes SDK clients in one place of each program', () => {
    const makers = files
      .filter((file) => /\bnew (DynamoDB|SQS|S3|SES)Client\(/.test(file.text))
      .map((file) => file.path)
      .sort();
    for (const area of ['consumer', 'local', 'cli', 'console']) {
      expect(makers.filter((file) => file.startsWith(`src/${area}/`)).length, area).toBeLessThanOrEqual(1);
    }
    expect(makers.filter((file) => STAGES.some((stage) => file.startsWith(`src/${stage}/`)))).toEqual([]);
  });

  it('has no barrels', () => {
    expect(files.filter((file) => path.basename(file.path) === 'index.ts').map((file) => file.path)).toEqual([]);
  });
});
