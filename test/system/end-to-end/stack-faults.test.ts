import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalStack } from '../../../src/local/stack.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

/** What the stack opens, in order. */
const RESOURCES = [
  'S3 and SQS',
  'DynamoDB',
  'SES',
  'the clients',
  'the template',
  'the notifications',
  'the function',
  'the schedules',
] as const;

const STARTS = 50;

/** Steps at which a start or stop of the stack fails: one of each kind first, then any of them together. */
function faultsOf(run: number): ReadonlySet<string> {
  const steps = [...RESOURCES.map((name) => `open ${name}`), ...RESOURCES.map((name) => `close ${name}`)];
  const [step] = steps.slice(run);
  if (step !== undefined) return new Set([step]);
  const random = seededRandom(run);
  return new Set(steps.filter((one) => random() < (one.startsWith('open') ? 0.05 : 0.3)));
}

/** Servers and child processes that this process has open. */
function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(TCPServerWrap|ProcessWrap)$/.test(name));
}

describe('a stack in which steps of opening and closing fail', () => {
  it.each(Array.from({ length: STARTS }, (_, run) => [run, [...faultsOf(run)].join(', ') || 'nothing'] as const))(
    'says the first error and leaves nothing open (%i: %s fails)',
    async (run) => {
      const faults = faultsOf(run);
      const before = openHandles();
      const taken: string[] = [];
      const onStep = (step: string) => {
        taken.push(step);
        if (faults.has(step)) throw new Error(`a fault at "${step}"`);
      };
      const stack = await startLocalStack({ assemblyDirectory: assemblyDirectory(), onStep }).catch(toMessage);
      const error = typeof stack === 'string' ? stack : await stack.close().then(() => undefined, toMessage);
      const failed = taken.filter((step) => faults.has(step));
      expect(error).toBe(failed[0] && `Could not ${failed[0]}: Error: a fault at "${failed[0]}"`);
      const opened = taken.filter((step) => step.startsWith('open') && !faults.has(step));
      const closed = taken.filter((step) => step.startsWith('close'));
      expect(closed).toEqual(opened.map((step) => step.replace('open', 'close')).reverse());
      await expect.poll(openHandles).toEqual(before);
    },
  );
});

function toMessage(error: Error): string {
  return error.message;
}

const PROGRAM = path.resolve(import.meta.dirname, 'faulty-local-stack.ts');
/** From the moment in which it is to stop, or fails. */
const END_WITHIN_MS = 10_000;

/** The program with a fault; killed at the end of the test if it still runs. */
function start(fault: string, step: string) {
  const child = spawn(process.execPath, [PROGRAM, fault, step], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  const ended = once(child, 'exit').then(() => child.exitCode);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text;
  });
  return {
    child,
    said,
    ended,
    /** Resolves when it has said so. */
    says: async (words: string) => {
      while (!said.stdout.includes(words)) {
        const code = await Promise.race([once(child.stdout, 'data'), ended]);
        if (typeof code === 'number') throw new Error(`It ended with ${code}: ${said.stderr}`);
      }
    },
    endsInTime: () => Promise.race([ended, sleep(END_WITHIN_MS, 'still runs', { ref: false })]),
  };
}

describe('the program with such a stack', () => {
  it.each(['open DynamoDB', 'open the function', 'open the console'])(
    'ends with 2 and says why in one line when it fails to %s',
    async (step) => {
      const { said, ended } = start('throw', step);
      expect(await ended).toBe(2);
      expect(said.stderr.split('\n').filter((line) => !line.startsWith('Synthesizing'))).toEqual([
        `upload-ledger: Could not ${step}: Error: a fault at "${step}"`,
        '',
      ]);
    },
  );

  it.each([
    ['throw', 'close the notifications', /^upload-ledger: Could not close the notifications: Error: a fault at/m],
    ['throw', 'close DynamoDB', /^upload-ledger: Could not close DynamoDB: Error: a fault at/m],
    ['throw', 'close the stack file', /^upload-ledger: Could not close the stack file: Error: a fault at/m],
    ['hang', 'close the function', /^upload-ledger: Could not close the function within 6 s\.$/m],
    ['hang', 'close the console', /^upload-ledger: Could not close the console within 8 s\.$/m],
  ])('ends within ten seconds of Ctrl-C, with 2, when a %s happens at "%s"', async (fault, step, says) => {
    const running = start(fault, step);
    await running.says('Ctrl-C stops the stack');
    running.child.kill('SIGINT');
    expect(await running.endsInTime()).toBe(2);
    expect(running.said.stderr).toMatch(says);
  });

  it.each(['open DynamoDB', 'open the function', 'open the console'])(
    'ends within ten seconds of Ctrl-C when "%s" hangs',
    async (step) => {
      const running = start('hang', step);
      await running.says(`Now at ${step}.`);
      running.child.kill('SIGINT');
      expect(await running.endsInTime()).toBe(0);
    },
  );
});
