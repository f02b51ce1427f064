import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeDirectory, resultOf, runFunction } from './function-fixture.ts';
import { isRunning } from './processes.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

describe('a function that works', () => {
  it('gets its event and returns its result', async () => {
    const { fn } = runFunction('export const handler = async (event) => event;');
    expect(resultOf(await fn.invoke('{"emoji":"🗂️","n":1}'))).toEqual({ emoji: '🗂️', n: 1 });
  });

  it('gets the context that Lambda gives', async () => {
    const { fn } = runFunction(
      'export const handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
      { timeoutSeconds: 20 },
    );
    const outcome = await fn.invoke('{}');
    const context = resultOf(outcome) as Record<string, unknown>;
    expect(context).toMatchObject({
      awsRequestId: outcome.requestId,
      functionName: 'under-test',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:under-test',
      logGroupName: '/aws/lambda/under-test',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    });
    expect(context.remaining).toBeGreaterThan(0);
    expect(context.remaining).toBeLessThanOrEqual(20_000);
  });

  it('answers null when it returns nothing', async () => {
    const { fn } = runFunction('export const handler = async () => {};');
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'response', payload: 'null' });
  });

  it('keeps its state between invocations of one environment', async () => {
    const { fn } = runFunction('let count = 0; export const handler = async () => (count += 1);');
    const results = [];
    for (let i = 0; i < 4; i += 1) results.push(resultOf(await fn.invoke('{}')));
    expect(results).toEqual([1, 2, 3, 4]);
    expect(fn.counters).toMatchObject({ invocations: 4, coldStarts: 1 });
  });

  it('runs simultaneous invocations in environments of their own and reuses the latest', async () => {
    const directory = codeDirectory({
      'index.mjs': `
        import { existsSync } from 'node:fs';
        export const handler = async ({ file }, context) => {
          while (file && !existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
          return context.logStreamName;
        };`,
    });
    const { fn } = runFunction('', { codeDirectory: directory });
    const slow = fn.invoke(JSON.stringify({ file: 'finish' }));
    const quick = resultOf(await fn.invoke('{}'));
    writeFileSync(path.join(directory, 'finish'), '');
    const latest = resultOf(await slow);
    expect(latest).not.toBe(quick);
    expect(resultOf(await fn.invoke('{}'))).toBe(latest);
    expect(fn.counters.coldStarts).toBe(2);
  });

  it('does not run between its invocations', async () => {
    const { fn } = runFunction(`
      let ticks = 0;
      setInterval(() => { ticks += 1; }, 1);
      export const handler = async (event) => {
        while (ticks < event.until) await new Promise((resolve) => setTimeout(resolve, 1));
        return ticks;
      };`);
    const before = resultOf(await fn.invoke('{"until":5}')) as number;
    // A function of the same machine that ticks as well, and is awake, shows that time has passed.
    const { fn: awake } = runFunction(`
      let ticks = 0;
      setInterval(() => { ticks += 1; }, 1);
      export const handler = async () => { while (ticks < 1000) await new Promise((r) => setTimeout(r, 1)); return ticks; };`);
    expect(resultOf(await awake.invoke('{}'))).toBeGreaterThanOrEqual(1000);
    expect((resultOf(await fn.invoke('{"until":0}')) as number) - before).toBeLessThan(500);
  });
});

describe('the output of a function', () => {
  it('is reported line by line with the invocation that wrote it', async () => {
    const { fn, lines } = runFunction(`
      process.stdout.write('loading\\n');
      export const handler = async (event) => {
        process.stdout.write('é'.repeat(100_000) + '\\nsecond\\r\\n');
        process.stderr.write(event.name + '\\n');
      };`);
    const ids = [];
    for (const name of ['a', 'b', 'c']) ids.push((await fn.invoke(JSON.stringify({ name }))).requestId);
    const loading = lines.find(({ line }) => line === 'loading');
    expect(loading).toBeDefined();
    expect(loading).not.toHaveProperty('requestId');
    const written = (stream: string) => lines.filter((line) => line.stream === stream && line.requestId !== undefined);
    expect(written('stderr').map(({ line, requestId }) => [line, requestId])).toEqual([
      ['a', ids[0]],
      ['b', ids[1]],
      ['c', ids[2]],
    ]);
    expect(written('stdout').map(({ line, requestId }) => [line.length, requestId])).toEqual(
      ids.flatMap((id) => [
        [100_000, id],
        [6, id],
      ]),
    );
  });

  it('has been read when the invocation is over, also without a final line break', async () => {
    const { fn, lines } = runFunction(`
      export const handler = async () => {
        process.stdout.write = () => true;
        process.stderr.write('x'.repeat(300_000) + '\\nno line end');
      };`);
    for (let invocation = 0; invocation < 5; invocation += 1) {
      const { requestId } = await fn.invoke('{}');
      const own = lines.filter((line) => line.requestId === requestId);
      expect(own.map(({ line }) => line.length)).toEqual([300_000, 'no line end'.length]);
    }
  });

  it('is not lost when the function dies', async () => {
    const { fn, lines } = runFunction(
      'export const handler = async () => { process.stdout.write("last words"); process.exit(1); };',
    );
    const { requestId } = await fn.invoke('{}');
    expect(lines).toContainEqual(expect.objectContaining({ stream: 'stdout', line: 'last words', requestId }));
  });
});

describe('closing a function', () => {
  it('ends idle and running environments and fails what runs', async () => {
    const { fn } = runFunction(
      'export const handler = async (event) => { if (event.hang) for (;;) {} return process.pid; };',
    );
    const idle = resultOf(await fn.invoke('{}')) as number;
    await Promise.all([fn.invoke('{}'), fn.invoke('{}')]);
    const hanging = fn.invoke('{"hang":true}');
    await fn.close();
    expect(await hanging).toMatchObject({ outcome: 'error', errorType: 'Runtime.ExitError' });
    expect(isRunning(idle)).toBe(false);
  });

  it('refuses to run anything afterwards', async () => {
    const { fn } = runFunction(ECHO);
    await fn.close();
    await expect(fn.invoke('{}')).rejects.toMatchObject({ code: 'function-closed' });
  });

  it('closes also while an environment starts', async () => {
    const { fn } = runFunction(ECHO);
    const starting = fn.invoke('{}');
    await fn.close();
    expect(await starting).toMatchObject({ outcome: 'error', errorType: 'Runtime.ExitError' });
  });
});

describe('a function whose reserved concurrency is used up', () => {
  it('refuses, as Lambda does, and starts nothing', async () => {
    const { fn } = runFunction('export const handler = async () => 1;');
    fn.reserveConcurrency(0);
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', errorType: 'TooManyRequestsException' });
    expect(fn.counters).toMatchObject({ invocations: 0, throttles: 1, coldStarts: 0 });
    fn.reserveConcurrency(1);
    const outcomes = await Promise.all([fn.invoke('{}'), fn.invoke('{}')]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['error', 'response']);
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
  });
});
