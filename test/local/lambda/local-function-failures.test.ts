import { describe, expect, it } from 'vitest';
import { resultOf, runFunction } from './function-fixture.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

describe('an invocation that fails', () => {
  it('reports the error and its stack when the handler throws, and keeps the environment', async () => {
    const { fn } = runFunction(
      "let n = 0; export const handler = async () => { n += 1; throw new TypeError('no ' + n); };",
    );
    const first = await fn.invoke('{}');
    expect(first).toMatchObject({ outcome: 'error', errorType: 'TypeError', errorMessage: 'no 1' });
    expect(first).toHaveProperty('trace', expect.arrayContaining([expect.stringContaining('index.mjs')]));
    expect(await fn.invoke('{}')).toMatchObject({ errorMessage: 'no 2' });
    expect(fn.counters).toMatchObject({ coldStarts: 1, crashes: 0 });
  });

  it.each([
    ['a value that is no error', 'throw "text"', { errorType: 'string', errorMessage: 'text' }],
    ['nothing', 'throw undefined', { errorType: 'undefined', errorMessage: 'undefined' }],
    ['a result that is no JSON', 'return 1n', { errorType: 'Runtime.JSONStringifyError' }],
  ])('reports %s', async (_, body, expected) => {
    const { fn } = runFunction(`export const handler = async () => { ${body}; };`);
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', ...expected });
  });

  it.each([
    ['exits with a code', 'process.exit(7)', { errorType: 'Runtime.ExitError', errorMessage: /exit status 7$/ }],
    [
      'exits without one',
      'process.exit(0)',
      { errorType: 'Runtime.ExitError', errorMessage: /without providing a reason$/ },
    ],
    [
      'is killed',
      'process.kill(process.pid, "SIGKILL"); await new Promise(() => {})',
      { errorType: 'Runtime.ExitError', errorMessage: /signal: killed$/ },
    ],
    [
      'never settles and has nothing to wait for',
      'await new Promise(() => {})',
      { errorType: 'Runtime.ExitError', errorMessage: /without providing a reason$/ },
    ],
    [
      'throws outside of its promise',
      'setImmediate(() => { throw new RangeError("late"); }); await new Promise((r) => setTimeout(r, 1e6))',
      { errorType: 'RangeError', errorMessage: /^late$/ },
    ],
    [
      'does not handle a rejection',
      'Promise.reject(new Error("alone")); await new Promise((r) => setTimeout(r, 1e6))',
      { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: /alone/ },
    ],
  ])('ends the environment when the function %s, and the next one is fresh', async (_, body, expected) => {
    const { fn } = runFunction(`
      let count = 0;
      export const handler = async (event) => { count += 1; if (event.fail) { ${body}; } return count; };`);
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
    expect(await fn.invoke('{"fail":true}')).toMatchObject({
      outcome: 'error',
      errorType: expected.errorType,
      errorMessage: expect.stringMatching(expected.errorMessage),
    });
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
    expect(fn.counters).toMatchObject({ coldStarts: 2, crashes: 1, timeouts: 0 });
  });

  it.each([
    ['waits', 'await new Promise((resolve) => setTimeout(resolve, 1e6))'],
    ['loops without end', 'for (;;) {}'],
  ])('ends the environment after the timeout when the function %s', async (_, body) => {
    const { fn, lines } = runFunction(
      `export const handler = async (event) => { if (event.fail) { ${body}; } return 1; };`,
      {
        timeoutSeconds: 1,
      },
    );
    const outcome = await fn.invoke('{"fail":true}');
    const errorMessage = `RequestId: ${outcome.requestId} Error: Task timed out after 1.00 seconds`;
    expect(outcome).toMatchObject({ outcome: 'error', errorType: 'Sandbox.Timedout', errorMessage });
    expect(lines).toContainEqual(expect.objectContaining({ stream: 'platform', line: errorMessage }));
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
    expect(fn.counters).toMatchObject({ coldStarts: 2, timeouts: 1, crashes: 0 });
  });

  it('refuses a response of more than 6 MB and keeps the environment', async () => {
    const { fn } = runFunction('export const handler = async ({ length }) => "x".repeat(length);');
    expect(await fn.invoke('{"length":6291556}')).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
    expect(resultOf(await fn.invoke('{"length":6291000}'))).toHaveLength(6_291_000);
    expect(fn.counters.coldStarts).toBe(1);
  });

  it('refuses a payload of more than 6 MB without running anything', async () => {
    const { fn } = runFunction(ECHO);
    const payload = JSON.stringify('é'.repeat(3 * 1024 * 1024));
    expect(await fn.invoke(payload)).toMatchObject({ errorType: 'RequestEntityTooLarge' });
    expect(fn.counters.coldStarts).toBe(0);
  });
});

describe('killing an environment', () => {
  it.each([
    ['starts', 'started', (kill: () => void) => kill()],
    ['has its answer', 'answered', (kill: () => void) => kill()],
    ['is about to ask for the next', 'answered', (kill: () => void) => queueMicrotask(kill)],
  ] as const)('loses the answer when it happens as the runtime %s', async (_, when, act) => {
    const { fn } = runFunction(
      'let n = 0; export const handler = async () => (n += 1);',
      {},
      { onMoment: (moment, _requestId, kill) => void (moment === when && fn.counters.invocations === 2 && act(kill)) },
    );
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
    expect(await fn.invoke('{}')).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/signal: killed$/),
    });
    expect(resultOf(await fn.invoke('{}'))).toBe(1);
    expect(fn.counters).toMatchObject({ coldStarts: 2, crashes: 1 });
  });

  it('does nothing once the invocation is over', async () => {
    const kills: (() => void)[] = [];
    const { fn } = runFunction(
      'let n = 0; export const handler = async () => (n += 1);',
      {},
      {
        onMoment: (_moment, _requestId, kill) => kills.push(kill),
      },
    );
    await fn.invoke('{}');
    for (const kill of kills) kill();
    expect(resultOf(await fn.invoke('{}'))).toBe(2);
  });
});
