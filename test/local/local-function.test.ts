import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { InvocationOutcome } from '../../src/local/execution-environment-outcome.ts';
import { LocalFunction } from '../../src/local/local-function.ts';
import { codeDirectory, functionSettings, runFunction } from './function-fixture.ts';
import { isRunning } from './processes.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

/** The handler's result, or a failed test with what came instead. */
function resultOf(outcome: InvocationOutcome): unknown {
  if (outcome.outcome === 'error') throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
  return JSON.parse(outcome.payload);
}

describe('a function that works', () => {
  it('gets its event and answers with its result', async () => {
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

describe('the environment of a function', () => {
  it('holds its own variables and those of Lambda, and nothing of the developer', async () => {
    vi.stubEnv('SECRET_OF_THE_DEVELOPER', 'x');
    const { fn } = runFunction('export const handler = async () => process.env;', {
      environment: { LEDGER_TABLE_NAME: 'ledger' },
      endpoints: { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' },
    });
    const variables = resultOf(await fn.invoke('{}')) as Record<string, string>;
    vi.unstubAllEnvs();
    expect(Object.keys(variables).sort()).toMatchInlineSnapshot(`
      [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL_SQS",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LEDGER_TABLE_NAME",
        "PATH",
        "TZ",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
      ]
    `);
    expect(variables).toMatchObject({
      LEDGER_TABLE_NAME: 'ledger',
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_FORMAT: 'Text',
      AWS_SESSION_TOKEN: 'token',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
    });
  });

  it('tells the log level with the JSON format, as Lambda does', async () => {
    const code = 'export const handler = async () => process.env.AWS_LAMBDA_LOG_LEVEL;';
    const { fn } = runFunction(code, { logFormat: 'JSON', applicationLogLevel: 'WARN' });
    expect(resultOf(await fn.invoke('{}'))).toBe('WARN');
  });

  it('is refused when it sets a variable that Lambda reserves', () => {
    expect(() => new LocalFunction(functionSettings(ECHO, { environment: { AWS_REGION: 'x' } }))).toThrow(
      'sets AWS_REGION, which Lambda reserves',
    );
  });

  it('has the code directory as working directory and the clock in UTC', async () => {
    const { fn } = runFunction(
      'export const handler = async () => ({ cwd: process.cwd(), offset: new Date().getTimezoneOffset() });',
    );
    expect(resultOf(await fn.invoke('{}'))).toEqual({
      cwd: expect.stringContaining('upload-ledger-function-'),
      offset: 0,
    });
  });

  it('has a heap no larger than the memory of the function', async () => {
    const { fn } = runFunction(
      `export const handler = async () => { const kept = []; for (;;) kept.push(new Array(1e5).fill({})); };`,
      { memoryMb: 128 },
    );
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', errorType: 'Runtime.ExitError' });
    expect(fn.counters.crashes).toBe(1);
  });
});

describe('loading the handler', () => {
  it.each([
    ['an ES module', { 'index.mjs': 'export const handler = async () => "here";' }, 'index.handler'],
    ['CommonJS', { 'index.cjs': 'exports.handler = async () => "here";' }, 'index.handler'],
    ['a .js file of CommonJS', { 'index.js': 'exports.handler = async () => "here";' }, 'index.handler'],
    [
      'a .js file of a package of modules',
      { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = async () => "here";' },
      'index.handler',
    ],
    ['a file in a directory', { 'a/b/index.mjs': 'export const handler = async () => "here";' }, 'a/b/index.handler'],
    [
      'a nested export',
      { 'index.mjs': 'export const uploads = { handler: async () => "here" };' },
      'index.uploads.handler',
    ],
    ['a default export', { 'index.mjs': 'export default { handler: async () => "here" };' }, 'index.handler'],
    ['a handler that is not async', { 'index.mjs': 'export const handler = () => "here";' }, 'index.handler'],
  ])('takes %s', async (_, files, handler) => {
    const { fn } = runFunction('', { codeDirectory: codeDirectory(files), handler });
    expect(resultOf(await fn.invoke('{}'))).toBe('here');
  });

  it.each([
    ['there is no such file', {}, 'index.handler', 'Runtime.ImportModuleError'],
    // Lambda ends the file's name at the first dot: this would fail after deployment.
    ['the file has a dot in its name', { 'a.lambda.mjs': ECHO }, 'a.lambda.handler', 'Runtime.ImportModuleError'],
    ['there is no such export', { 'index.mjs': ECHO }, 'index.other', 'Runtime.HandlerNotFound'],
    [
      'the export is no function',
      { 'index.mjs': 'export const handler = 1;' },
      'index.handler',
      'Runtime.HandlerNotFound',
    ],
    ['the name has no dot', { 'index.mjs': ECHO }, 'index', 'Runtime.MalformedHandlerName'],
    ['the name leads outside', { 'index.mjs': ECHO }, '../index.handler', 'Runtime.MalformedHandlerName'],
    ['it does not parse', { 'index.mjs': 'export const = 1;' }, 'index.handler', 'Runtime.UserCodeSyntaxError'],
    [
      'it takes a callback',
      { 'index.mjs': 'export const handler = (event, context, callback) => callback(null, 1);' },
      'index.handler',
      'Runtime.CallbackHandlerDeprecated',
    ],
    ['it throws', { 'index.mjs': 'throw new RangeError("no");' }, 'index.handler', 'RangeError'],
    ['it exits', { 'index.mjs': 'process.exit(3);' }, 'index.handler', 'Runtime.ExitError'],
    [
      'a promise of it rejects',
      { 'index.mjs': `Promise.reject(new Error("no")); await new Promise(() => setInterval(() => {}, 1000));` },
      'index.handler',
      'Runtime.UnhandledPromiseRejection',
    ],
  ])('fails every invocation when %s', async (_, files, handler, errorType) => {
    const { fn } = runFunction('', { codeDirectory: codeDirectory(files), handler });
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', errorType });
    expect(await fn.invoke('{}')).toMatchObject({ outcome: 'error', errorType });
    expect(fn.counters).toMatchObject({ coldStarts: 2, initErrors: 2, crashes: 0 });
  });

  it('fails when it takes longer than the limit', async () => {
    const { fn, lines } = runFunction('for (;;) {}', { initTimeoutSeconds: 0.5 });
    expect(await fn.invoke('{}')).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Init timed out after 0.50 seconds',
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ stream: 'platform', line: 'Init timed out after 0.50 seconds' }),
    );
  });
});

describe('an invocation that fails', () => {
  it('tells the error and its stack when the handler throws, and keeps the environment', async () => {
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
  ])('tells of %s', async (_, body, expected) => {
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
      'leaves a rejection alone',
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

describe('what a function writes', () => {
  it('comes line by line with the invocation that wrote it', async () => {
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

  it('is not lost when the function dies', async () => {
    const { fn, lines } = runFunction(
      'export const handler = async () => { process.stdout.write("last words"); process.exit(1); };',
    );
    const { requestId } = await fn.invoke('{}');
    expect(lines).toContainEqual(expect.objectContaining({ stream: 'stdout', line: 'last words', requestId }));
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
