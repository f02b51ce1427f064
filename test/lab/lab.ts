/** `npm run lab -- NAME [options]`: the tools that measure and attack the product. Without a name, lists them. */
import { spawn } from 'node:child_process';
import path from 'node:path';

interface Tool {
  /** Program in this folder. */
  readonly file: string;
  readonly does: string;
  /** Node's own options for it. */
  readonly node?: readonly string[];
}

const TOOLS: Readonly<Record<string, Tool>> = {
  bench: { file: 'bench/bench.ts', does: 'times the consumer against what people would otherwise write' },
  chaos: { file: 'chaos.ts', does: 'uploads to a local stack in which everything fails, and checks the ledger' },
  'cli-reference': { file: 'cli-reference.ts', does: 'writes docs/cli.md from the definitions of the commands' },
  'cli-tour': { file: 'cli-tour.ts', does: 'runs every command as a built program against a local stack' },
  'console-speed': {
    file: 'console-speed.ts',
    does: 'times how fast the console reacts while thousands of uploads arrive',
  },
  'email-burst': { file: 'email-burst.ts', does: 'uploads thousands of files and counts what the emails say of them' },
  flows: { file: 'flows.ts', does: 'counts the files through which a message, a digest or a request runs' },
  kills: { file: 'kills.ts', does: 'kills commands that change something, runs them again and checks the outcome' },
  'measure-cli': { file: 'measure-cli/measure-cli.ts', does: 'measures the memory of commands over large ledgers' },
  'mutation-score': {
    file: 'mutation-score/mutation-score.ts',
    does: 'shows how many small changes of the code the tests notice',
  },
  mutations: {
    file: 'mutations/mutations.ts',
    does: 'removes one protection after the other and expects a test to fail',
  },
  'screenshots-console': { file: 'screenshots/console.ts', does: 'makes the pictures of docs/console.md' },
  'screenshots-dashboard': {
    file: 'screenshots/dashboard.ts',
    does: 'makes the picture of the dashboard, and others of it in several situations to look at',
  },
  'screenshots-email': { file: 'screenshots/email.ts', does: 'makes the pictures of docs/email.md' },
  'settings-reference': {
    file: 'settings-reference.ts',
    does: 'writes docs/settings.md from the settings and the props of the construct',
  },
  simulate: {
    file: 'simulate.ts',
    does: 'runs the product for days of simulated time, in seconds, and checks its promises',
    node: ['--max-old-space-size=6144'],
  },
  soak: {
    file: 'soak/soak.ts',
    does: 'sends 100,000 uploads through the local stack',
    node: ['--max-old-space-size=8192'],
  },
  waits: {
    file: 'waits.ts',
    does: 'measures in simulated time how long messages wait, and what outages and messages that kill cost',
    node: ['--max-old-space-size=6144'],
  },
  webhooks: {
    file: 'webhooks.ts',
    does: 'uploads 5,000 files while webhooks go to endpoints that fail in every way, and counts what arrives',
  },
};

const [name, ...options] = process.argv.slice(2);
const tool = name === undefined ? undefined : TOOLS[name];
if (tool === undefined) {
  const width = Math.max(...Object.keys(TOOLS).map((known) => known.length));
  const list = Object.entries(TOOLS).map(([known, { does }]) => `  ${known.padEnd(width)}  ${does}`);
  const usage = ['Usage: npm run lab -- NAME [options]', '', ...list, ''].join('\n');
  const isHelp = name === undefined || name === '--help';
  (isHelp ? process.stdout : process.stderr).write(
    isHelp ? usage : `There is no tool ${JSON.stringify(name)}.\n\n${usage}`,
  );
  process.exitCode = isHelp ? 0 : 2;
} else {
  const child = spawn(process.execPath, [...(tool.node ?? []), path.join(import.meta.dirname, tool.file), ...options], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to both: the tool stops in its own way, and this program ends after it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
