import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { STACK_SETTINGS } from '../../infra/settings/configuration.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { processContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { estimateCost, totalDollars } from '../../src/estimate/estimate-cost.ts';
import { DEFAULT_WORKLOAD } from '../../src/estimate/prices.ts';
import { stackFacts } from '../../src/estimate/stack-facts.ts';
import { synthesizedResources } from '../estimate/synthesized-resources.ts';
import { VARIANTS } from '../infra/variants.ts';
import { renderSettings } from './render-settings.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const GUIDES = readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const RECIPES = readdirSync(path.join(ROOT, 'docs/recipes'));
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...GUIDES.map((file) => `docs/${file}`),
  ...RECIPES.map((file) => `docs/recipes/${file}`),
];
const README = textOf('README.md');

const program = await createProgram(processContext(process));
const TOOLS = new Set([...textOf('test/lab/lab.ts').matchAll(/^ {2}'?([a-z-]+)'?: \{/gm)].map(([, name = '']) => name));
/** Tools of the project that npx finds in node_modules. */
const NPX = ['cdk', 'vitest'];

/** What readers stumble over: a word for word translation of another language's idiom. */
const UNUSUAL =
  /\b(stands? (?:in|with|at|beside) (?:the|its|cdk)\b|in silence|for ever|belongs? into|hears? of (?:uploads|buckets|them)|goes deaf|cures? (?:it|the|what)|an? [\w-]+ of yours|nobody's business)\b/g;

describe('the README', () => {
  it('has at most 1,600 words', () => {
    expect(README.split(/\s+/).length).toBeLessThanOrEqual(1_600);
  });

  it('names the two commands with which everybody begins', () => {
    for (const command of ['npm ci && npm start', 'npm ci && npm test']) {
      expect(README).toContain(`\`\`\`sh\n${command}\n\`\`\``);
    }
  });

  it('says what a month costs', () => {
    const [month, few, nothing, metrics, dashboard, bucket] = [
      totalDollars(costs()),
      totalDollars(costs({ uploadsPerMonth: 200_000 })),
      totalDollars(costs({ uploadsPerMonth: 0 })),
      totalDollars(costs().filter(({ item }) => /^metrics of/.test(item))),
      totalDollars(costs().filter(({ item }) => item === 'dashboards')),
      totalDollars(costs({}, VARIANTS['two buckets'])) -
        totalDollars(costs({}, { ...VARIANTS['two buckets'], source: oneBucket })),
    ].map((dollars) => `$${dollars?.toFixed(2)}`);
    const [, section = ''] = README.split('## What it costs\n');
    const [first = ''] = section.split('\n## ');
    expect(first.match(/\$[\d.]+/g)).toEqual([month, few, nothing, metrics, bucket, dashboard?.replace('.00', '')]);
  });
});

const oneBucket = '{"buckets":["one-bucket"]}';

function costs(workload: Partial<typeof DEFAULT_WORKLOAD> = {}, settings: Readonly<Record<string, string>> = {}) {
  return estimateCost(stackFacts(synthesizedResources(settings)), { ...DEFAULT_WORKLOAD, ...workload });
}

describe('docs/settings.md', () => {
  it('is what the code says of the settings ("npm run lab -- settings-reference" writes it)', () => {
    expect(textOf('docs/settings.md')).toBe(renderSettings());
  });
});

describe('docs/README.md', () => {
  it('lists every document', () => {
    const listed = [...textOf('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file = '']) => file);
    expect(listed.sort()).toEqual(GUIDES.filter((file) => file !== 'README.md'));
  });
});

describe('the documents in the package', () => {
  const packed = globSync(
    packageJson.files.flatMap((pattern) => [pattern, `${pattern}/**`]),
    { cwd: ROOT },
  );
  const files = new Set([...packed.map((file) => file.replaceAll('\\', '/')), 'README.md', 'LICENSE']);

  it('link only to what the package holds', () => {
    const documents = [...files].filter((file) => file.endsWith('.md'));
    const dead = documents.flatMap((file) =>
      [...withoutCode(textOf(file)).matchAll(/(?:\]\(|(?:src|srcset|href)=")([^)\s"#]+)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^\w+:/.test(link) && !files.has(path.posix.join(path.posix.dirname(file), link)))
        .map((link) => `${file}: ${link}`),
    );
    expect(documents).toContain('docs/console.md');
    expect(dead).toEqual([]);
  });
});

describe.each(DOCUMENTS)('%s', (file) => {
  const text = textOf(file);

  it('links only to files and headings that there are', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^\w+:/.test(link));
    expect(links.filter((link) => !isThere(link, file))).toEqual([]);
  });

  it('names only scripts, tools and programs that there are', () => {
    const scripts = namesAfter(text, /\bnpm run (?:-s )?([\w:-]+)/g);
    expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
    expect(namesAfter(text, /\bnpm run (?:-s )?lab -- ([\w-]+)/g).filter((name) => !TOOLS.has(name))).toEqual([]);
    expect(namesAfter(text, /\bnpx ([\w@-]+)/g).filter((name) => !NPX.includes(name))).toEqual([]);
  });

  it('names only commands and options that there are', () => {
    expect(commandsIn(text).flatMap(unknownParts)).toEqual([]);
  });

  it('says in usual words what it says', () => {
    expect(namesAfter(withoutCode(text), UNUSUAL)).toEqual([]);
  });

  it('gives only settings that there are', () => {
    const given = [...namesAfter(text, / -c '?(?!name=value)(\w+)=/g), ...contextIn(text)];
    expect(given.filter((name) => !(name in STACK_SETTINGS.shape))).toEqual([]);
  });
});

function isThere(link: string, from: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : path.join(path.dirname(from), file);
  if (!existsSync(path.join(ROOT, target))) return false;
  return anchor === undefined || headingsOf(textOf(target)).includes(anchor);
}

/** As the sites that show Markdown make anchors of headings. */
function headingsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

function namesAfter(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

/** Settings of the examples of cdk.json: whole ones, and entries of `context`. */
function contextIn(text: string): string[] {
  const examples = namesAfter(text, /^ *```jsonc?\n(.*?)^ *```$/gms).filter(
    (example) => !/s3_object|detail-type/.test(example),
  );
  return examples.flatMap((example) => {
    const json = example.trim().startsWith('{') ? example : `{${example.trim().replace(/,$/, '')}}`;
    const parsed = JSON.parse(json);
    return Object.keys(parsed.context ?? parsed);
  });
}

/** Every command of upload-ledger in code, as words. */
function commandsIn(text: string): string[][] {
  const blocks = namesAfter(text, /^ *```(?:sh|)\n(.*?)^ *```$/gms).flatMap((block) => block.split('\n'));
  const spans = namesAfter(withoutCode(text), /`([^`\n]+)`/g);
  const names = program.commands.map((command) => command.name()).join('|');
  const asScript: Readonly<Record<string, string>> = { start: 'local', demo: 'demo', estimate: 'estimate' };
  const found = [...blocks, ...spans].flatMap((code) => {
    const [line = ''] = code.split(/ #|\||&&|;|\s>\s/);
    const [, script, rest] = /\bnpm (?:run )?(start|demo|estimate) -- (.*)/.exec(line) ?? [];
    if (script !== undefined) return [`${asScript[script]} ${rest}`];
    const [, command] = /(?:^|npm run upload-ledger -- |upload-ledger )\s*([a-z].*)/.exec(line) ?? [];
    return command !== undefined && new RegExp(`^(${names})\\b( |$)`).test(command) ? [command] : [];
  });
  return found.map((command) => command.trim().split(/\s+/));
}

/** Words of a command line that the program does not know. */
function unknownParts(words: readonly string[]): string[] {
  let command: Command = program;
  for (const word of words) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) break;
    command = child;
  }
  const options = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  return options
    .filter((option) => ![...known, '--help'].includes(option))
    .map((option) => `${words.join(' ')}: ${option}`);
}
