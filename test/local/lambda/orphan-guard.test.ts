import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OrphanGuard } from '../../../src/local/lambda/orphan-guard.ts';
import { codeDirectory, functionSettings } from './function-fixture.ts';
import { isRunning } from './processes.ts';

const LOCAL_FUNCTION = fileURLToPath(new URL('../../../src/local/lambda/local-function.ts', import.meta.url));

/** A parent in a process of its own that invokes `code` once and prints the environment's process id. */
async function parentWithEnvironment(code: string): Promise<{ parent: ChildProcess; environment: number }> {
  const directory = codeDirectory({ 'index.mjs': code });
  const script = path.join(directory, 'parent.mts');
  const settings = functionSettings('', { codeDirectory: directory });
  writeFileSync(
    script,
    `import { LocalFunction } from ${JSON.stringify(LOCAL_FUNCTION)};
     const fn = new LocalFunction(${JSON.stringify(settings)}, { onLog: ({ line }) => process.stdout.write(line + '\\n') });
     await fn.invoke('{}');
     process.stdout.write('idle\\n');
     setInterval(() => undefined, 1000);`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  let output = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await vi.waitUntil(() => output.includes('ready\n') || output.includes('idle\n'), { timeout: 20_000 });
  return { parent, environment: Number(output.match(/pid (\d+)/)?.[1]) };
}

describe.skipIf(process.platform === 'win32')('when the parent is killed outright', () => {
  it.each([
    ['stopped between invocations', "tell('pid ' + process.pid);"],
    ['in an endless loop', "tell('pid ' + process.pid); tell('ready'); for (;;) {}"],
    ['waiting', "tell('pid ' + process.pid); tell('ready'); await new Promise((r) => setTimeout(r, 1e6));"],
  ])('an environment that is %s ends too', async (_, body) => {
    const { parent, environment } =
      await parentWithEnvironment(`const tell = (line) => process.stdout.write(line + '\\n');
      export const handler = async () => { ${body} };`);
    expect(isRunning(environment)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(() => !isRunning(environment), { timeout: 20_000 });
  });
});

describe.skipIf(process.platform === 'win32')('the guard', () => {
  function sleeper(): number {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
      detached: true,
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child.pid ?? Number.NaN;
  }

  it('kills the groups that were added, and not those that were removed, once its input ends', async () => {
    const guard = new OrphanGuard();
    const [first, second, third] = [sleeper(), sleeper(), sleeper()];
    for (const pid of [first, second, third]) guard.add(pid);
    guard.remove(second);
    guard.close();
    await vi.waitUntil(() => !isRunning(first) && !isRunning(third), { timeout: 20_000 });
    expect(isRunning(second)).toBe(true);
  });
});
