import { describe, expect, it, onTestFinished } from 'vitest';
import { RuntimeApi, type RuntimeListener } from '../../../src/local/lambda/runtime-api.ts';

/** A Runtime API, closed when the test ends, that notes what it is told. */
async function startApi(overrides: Partial<RuntimeListener> = {}) {
  const told: unknown[][] = [];
  const api = await RuntimeApi.listen();
  onTestFinished(() => api.close());
  api.attach({
    onIdle: () => told.push(['idle']),
    onResponse: (...args) => told.push(['response', ...args]),
    onError: (...args) => told.push(['error', ...args]),
    onInitError: (...args) => told.push(['init error', ...args]),
    ...overrides,
  });
  const call = (path: string, init?: RequestInit) => fetch(`http://${api.address}/2018-06-01/runtime${path}`, init);
  return { api, told, call };
}

const INVOCATION = {
  requestId: '7d1f0b0e-0000-4000-8000-000000000000',
  payload: '{"key":"né"}',
  deadlineMs: 1_795_000_000_123,
  functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:f',
};

describe('the Runtime API', () => {
  it('keeps a runtime waiting for its next invocation and hands it out with its headers', async () => {
    const idle = Promise.withResolvers<void>();
    const { api, call } = await startApi({ onIdle: idle.resolve });
    const next = call('/invocation/next');
    await idle.promise;
    api.deliver(INVOCATION);
    const response = await next;
    expect(await response.text()).toBe(INVOCATION.payload);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'lambda-runtime-aws-request-id': INVOCATION.requestId,
      'lambda-runtime-deadline-ms': '1795000000123',
      'lambda-runtime-invoked-function-arn': INVOCATION.functionArn,
      'lambda-runtime-trace-id': expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
    });
  });

  it.each([
    ['response', '"done"'],
    ['error', '{"errorType":"E"}'],
  ])('accepts one %s for the running invocation and no second', async (kind, body) => {
    const { api, told, call } = await startApi();
    api.deliver(INVOCATION);
    const post = () => call(`/invocation/${INVOCATION.requestId}/${kind}`, { method: 'POST', body });
    expect((await post()).status).toBe(202);
    expect((await post()).status).toBe(400);
    expect(told).toEqual([[kind, INVOCATION.requestId, body]]);
  });

  it('refuses an answer to an invocation that it does not know', async () => {
    const { told, call } = await startApi();
    const response = await call('/invocation/unknown/response', { method: 'POST', body: '1' });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ errorType: 'InvalidRequestID' }),
    ]);
    expect(told).toEqual([]);
  });

  it('refuses a response larger than Lambda takes and says so', async () => {
    const { api, told, call } = await startApi();
    api.deliver(INVOCATION);
    const body = 'x'.repeat(6_291_557);
    const response = await call(`/invocation/${INVOCATION.requestId}/response`, { method: 'POST', body });
    expect(response.status).toBe(413);
    expect(told).toEqual([['response', INVOCATION.requestId, undefined]]);
  });

  it('takes the report of code that does not load', async () => {
    const { told, call } = await startApi();
    expect((await call('/init/error', { method: 'POST', body: '{}' })).status).toBe(202);
    expect(told).toEqual([['init error', '{}']]);
  });

  it.each(['/invocation/next/response', '/exit/error', ''])('knows nothing at %j', async (path) => {
    const { call } = await startApi();
    expect((await call(path)).status).toBe(404);
  });
});
