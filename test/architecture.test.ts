import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
/** Folders of `src/`: each may import from itself and from earlier lines. Nothing imports from the programs but programs. */
const ORDER = [
  ['shared'],
  ['contract'],
  ['notification'],
  ['upload'],
  ['ledger'],
  ['digest', 'dead-letters', 'events'],
  ['estimate'],
  ['consumer', 'publisher', 'local', 'client'],
  ['console'],
  ['cli'],
];
const STAGES = ['notification', 'upload', 'ledger', 'digest', 'dead-letters', 'events'];
const MAX_FILES_IN_FOLDER = 24;

interface SourceFile {
  readonly path: string;
  /** Folder below src/, or `infra`. */
  readonly area: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = readFiles(['src/**/*.ts', 'infra/**/*.ts']);
const tests = readFiles(['test/**/*.ts']);

/** Loaded by their path: by Lambda, by the bundler, and by whoever installs the package. */
const ENTRIES = [
  'src/consumer/consumer.lambda.ts',
  'src/publisher/publisher.lambda.ts',
  'infra/bundle/stand-ins.ts',
  'infra/package.ts',
  'src/client/client.ts',
];

function readFiles(patterns: readonly string[]): SourceFile[] {
  return globSync([...patterns], { cwd: ROOT, exclude: ['**/node_modules/**'] }).map((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const [top = '', second = ''] = file.split(path.sep);
    return { path: file, area: top === 'infra' ? 'infra' : second, text, imports: importsOf(file, text) };
  });
}

/** What the file imports by name, as `path name`, and `path *` of what it imports whole or while it runs. */
function namesImported({ path: file, text }: SourceFile): string[] {
  const target = (specifier = '') => path.join(path.dirname(file), specifier);
  const named = [...text.matchAll(/\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(\.[^']+)'/g)];
  const whole = [...text.matchAll(/\bimport(?:\(|\s+\*\s+as\s+\w+\s+from\s+)\s*'(\.[^']+)'/g)];
  return [
    ...named.flatMap(([, list = '', specifier]) =>
      list.split(',').map(
        (name) =>
          `${target(specifier)} ${
            name
              .trim()
              .replace(/^type\s+/, '')
              .split(/\s+as\s+/)[0]
          }`,
      ),
    ),
    ...whole.map(([, specifier]) => `${target(specifier)} *`),
  ];
}

function exportsOf({ text }: SourceFile): string[] {
  const declaration =
    /^export\s+(?:abstract\s+|async\s+|declare\s+)*(?:const|class|function\*?|interface|type|enum)\s+(\w+)/gm;
  return [...text.matchAll(declaration)].map(([, name = '']) => name);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

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

  it.each(['shared', 'contract'])('keeps %s free of imports from outside itself', (area) => {
    expect(
      violations(
        (file) => file.area === area,
        (to) => to.startsWith('src/') && folder(to) !== area,
      ),
    ).toEqual([]);
  });

  it('keeps the contract free of packages', () => {
    const isPackage = (to: string) => !to.startsWith('src/');
    expect(violations((file) => file.area === 'contract', isPackage)).toEqual([]);
  });

  it('lets the infrastructure see the contract and shared code, and nothing else of src', () => {
    expect(
      violations(
        (file) => file.area === 'infra',
        (to) => !['contract', 'shared', undefined].includes(folder(to)),
      ),
    ).toEqual([]);
  });

  it('lets no folder of src import from a later one', () => {
    const level = (area: string | undefined) => ORDER.findIndex((areas) => areas.includes(area ?? ''));
    const unknown = files.filter(({ area }) => area !== 'infra' && level(area) === -1).map((file) => file.path);
    expect(unknown).toEqual([]);
    const isWrong = (to: string, { area }: SourceFile) => {
      const imported = folder(to);
      return imported !== undefined && imported !== area && level(imported) >= level(area);
    };
    expect(violations((file) => file.area !== 'infra', isWrong)).toEqual([]);
  });

  it(`has at most ${MAX_FILES_IN_FOLDER} files in a folder`, () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(path.dirname(file.path), (counts.get(path.dirname(file.path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES_IN_FOLDER)).toEqual([]);
  });

  it('keeps the deployed code free of development tools', () => {
    const deployed = [...STAGES, 'shared', 'contract', 'consumer', 'publisher', 'client'];
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
    for (const area of ['consumer', 'publisher'])
      expect(readers.filter((file) => file.startsWith(`src/${area}/`))).toEqual([`src/${area}/config.ts`]);
    expect(readers.filter((file) => STAGES.some((stage) => file.startsWith(`src/${stage}/`)))).toEqual([]);
  });

  it('makes SDK clients in one place of each program', () => {
    const makers = files
      .filter((file) => /\bnew (DynamoDB|SQS|S3|SES|EventBridge)Client\(/.test(file.text))
      .map((file) => file.path)
      .sort();
    for (const area of ['consumer', 'publisher', 'local', 'cli', 'console', 'client']) {
      expect(makers.filter((file) => file.startsWith(`src/${area}/`)).length, area).toBeLessThanOrEqual(1);
    }
    expect(makers.filter((file) => STAGES.some((stage) => file.startsWith(`src/${stage}/`)))).toEqual([]);
  });

  it('takes time, timers and random numbers from the one clock', () => {
    const own =
      /\b(?:Date\.now|Math\.random|performance\.now|AbortSignal\.timeout|(?<!\.)setTimeout|(?<!\.)setInterval)\b|new Date\(\)|timers\/promises/;
    const users = files.filter(
      (file) => own.test(withoutComments(file.text)) && !file.path.startsWith('src/console/page/'),
    );
    expect(users.map((file) => file.path).filter((file) => file.startsWith('src/'))).toEqual(['src/shared/clock.ts']);
  });

  it('exports nothing that only its own file uses', () => {
    const used = new Set(files.concat(tests).flatMap(namesImported));
    const unused = files
      .filter((file) => !ENTRIES.includes(file.path))
      .flatMap((file) =>
        exportsOf(file)
          .filter((name) => !used.has(`${file.path} ${name}`) && !used.has(`${file.path} *`))
          .map((name) => `${file.path}: ${name}`),
      );
    expect(unused).toEqual([]);
  });

  it('has no barrels', () => {
    expect(files.filter((file) => path.basename(file.path) === 'index.ts').map((file) => file.path)).toEqual([]);
  });
});
