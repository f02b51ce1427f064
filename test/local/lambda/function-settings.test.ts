import { describe, expect, it, vi } from 'vitest';
import { LocalFunction } from '../../../src/local/lambda/local-function.ts';
import { functionSettings, resultOf, runFunction } from './function-fixture.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

describe('the environment of a function', () => {
  it('holds its own variables and those of Lambda, but none of the developer', async () => {
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
        "AWS_CONFIG_FILE",
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
        "AWS_SHARED_CREDENTIALS_FILE",
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

  it('holds the log level with the JSON format, as on Lambda', async () => {
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
