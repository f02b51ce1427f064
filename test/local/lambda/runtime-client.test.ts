import { describe, expect, it } from 'vitest';
import { codeDirectory, resultOf, runFunction } from './function-fixture.ts';

const ECHO = 'export const handler = async (event, context) => ({ event, context });';

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
