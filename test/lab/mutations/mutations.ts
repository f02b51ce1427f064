/**
 * `npm run lab -- mutations [--chaos]`: takes one protection after the other out of a scratch copy and expects a test to fail, and with
 * `--chaos` the chaos run too. `--simulate` expects a simulated day to break a promise instead. Exits with 1 when something stays green, or when the untouched copy is not.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { optionsOrExit } from '../tool-options.ts';
import { PROTECTIONS, type Protection } from './protections.ts';
import { ScratchCopy } from './scratch-copy.ts';
import { SIMULATED, simulateIn } from './simulated.ts';

/** Trouble enough for each of the protections to be needed: what one seed spares, the next meets. The first that fails ends it. */
const CHAOS = ['--uploads', '400', '--seeds', '2-6', '--no-shrinking'];

const options = optionsOrExit('npm run lab -- mutations [--chaos | --simulate]', { chaos: false, simulate: false });
const copy = new ScratchCopy();
try {
  await (options.simulate ? simulateAll() : testAll());
} finally {
  copy.remove();
}

async function simulateAll(): Promise<void> {
  const untouched = simulateIn(copy);
  if (untouched.seed !== undefined) process.exitCode = 1;
  print(`the untouched copy: ${untouched.seed === undefined ? 'green' : `NOT GREEN with seed ${untouched.seed}`}`);
  for (const protection of SIMULATED) {
    const { seed, promise, isRepeatable } = await copy.without(protection, async () =>
      simulateIn(copy, protection.plan),
    );
    if (seed === undefined || !isRepeatable) process.exitCode = 1;
    const told = seed === undefined ? 'GREEN' : `seed ${seed}${isRepeatable ? '' : ', NOT EVERY TIME'}: ${promise}`;
    print(`without "${protection.name}": ${told}`);
  }
}

async function testAll(): Promise<void> {
  const tests = [...new Set(PROTECTIONS.flatMap((protection) => protection.tests))];
  const untouched = [await vitest(tests), ...(options.chaos ? [await chaos()] : [])];
  const isSound = untouched.every((verdict) => verdict === 'green');
  print(`the untouched copy: ${isSound ? 'green' : 'NOT GREEN, so nothing below says anything'}`);
  if (!isSound) process.exitCode = 1;
  for (const protection of PROTECTIONS) await expectRed(protection);
}

async function expectRed(protection: Protection): Promise<void> {
  const verdicts = await copy.without(protection, async () => {
    const tests = await vitest(protection.tests);
    const run = options.chaos && protection.chaos === true ? await chaos() : undefined;
    return [['tests', tests] as const, ...(run === undefined ? [] : [['chaos run', run] as const])];
  });
  if (verdicts.some(([, verdict]) => verdict !== 'red')) process.exitCode = 1;
  const told = verdicts.map(([name, verdict]) => `${name} ${verdict === 'red' ? 'red' : verdict.toUpperCase()}`);
  if (protection.chaos === 'untried') told.push('not tried with the chaos run');
  else if (protection.chaos !== true) told.push(`the chaos run is blind to it: ${protection.chaos.blind}`);
  print(`without "${protection.name}": ${told.join('; ')}`);
}

/** How a program judged the copy. A copy that does not even load has proved nothing. */
type Verdict = 'green' | 'red' | 'broken';

async function vitest(files: readonly string[]): Promise<Verdict> {
  const program = path.join('node_modules', 'vitest', 'vitest.mjs');
  const file = path.join(copy.directory, 'report.json');
  await run(program, ['run', '--reporter=json', `--outputFile=${file}`, ...files]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly success: boolean;
    readonly numFailedTests: number;
  };
  if (report.success) return 'green';
  return report.numFailedTests > 0 ? 'red' : 'broken';
}

async function chaos(): Promise<Verdict> {
  const { code, output, errors } = await run(path.join('test', 'lab', 'chaos.ts'), CHAOS);
  if (code === 0) return 'green';
  if (output.includes('VIOLATED')) return 'red';
  print(`the chaos run ended with ${code}: ${errors.trim().slice(-500)}`);
  return 'broken';
}

function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(copy.directory, program), ...args], {
      cwd: copy.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: output.join(''), errors: errors.join('') }));
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
