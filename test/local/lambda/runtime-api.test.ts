import { describe, expect, it, onTestFinished } from 'vitest';
import { RuntimeApi, type RuntimeListener } from '../../../src/local/lambda/runtime-api.ts';

/** A Runtime API, closed when the test ends, that notes what it reports. */
async function startApi(overrides: Partial<RuntimeListener> = {}) {
  const reports: unknown[][] = [];
  const api = await RuntimeApi.listen();
  onTestFinished(() => api.close());
  api.attach({
    onIdle: () => reports.push(['idle']),
    onAnswer: (outcome) => reports.push(['answer', outcome]),
    onInitError: (error) => reports.push(['init error', error]),
    ...overrides,
  });
  const call = (path: string, init?: RequestInit) => fetch(`http://${api.address}/2018-06-01/runtime${path}`, init);
  return { api, reports, call };
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
    ['response', '"done"', { outcome: 'response', payload: '"done"' }],
    ['error', '{"errorType":"E","errorMessage":"m"}', { outcome: 'error', errorType: 'E', errorMessage: 'm' }],
    ['error', 'no JSON', { outcome: 'error', errorType: 'Runtime.Unknown', errorMessage: 'no JSON' }],
  ])('accepts one %s %j for the running invocation and no second', async (kind, body, expected) => {
    const { api, reports, call } = await startApi();
    api.deliver(INVOCATION);
    const post = () => call(`/invocation/${INVOCATION.requestId}/${kind}`, { method: 'POST', body });
    expect((await post()).status).toBe(202);
    expect((await post()).status).toBe(400);
    expect(reports).toEqual([['answer', { requestId: INVOCATION.requestId, ...expected }]]);
  });

  it('gives a page of another site no invocation and takes no answer of it', async () => {
    const { api, reports, call } = await startApi();
    api.deliver(INVOCATION);
    const headers = { origin: 'https://evil.example' };
    expect((await call('/invocation/next', { headers })).status).toBe(403);
    const path = `/invocation/${INVOCATION.requestId}/response`;
    expect((await call(path, { method: 'POST', body: '1', headers })).status).toBe(403);
    expect(reports).toEqual([]);
  });

  it('refuses an answer to an invocation that it does not know', async () => {
    const { reports, call } = await startApi();
    const response = await call('/invocation/unknown/response', { method: 'POST', body: '1' });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ errorType: 'InvalidRequestID' }),
    ]);
    expect(reports).toEqual([]);
  });

  it('refuses a response larger than Lambda takes and says so', async () => {
    const { api, reports, call } = await startApi();
    api.deliver(INVOCATION);
    const body = 'x'.repeat(6_291_557);
    const response = await call(`/invocation/${INVOCATION.requestId}/response`, { method: 'POST', body });
    expect(response.status).toBe(413);
    const { requestId } = INVOCATION;
    expect(reports).toEqual([
      ['answer', expect.objectContaining({ requestId, errorType: 'Function.ResponseSizeTooLarge' })],
    ]);
  });

  it('accepts the report of code that does not load', async () => {
    const { reports, call } = await startApi();
    expect((await call('/init/error', { method: 'POST', body: '{}' })).status).toBe(202);
    expect(reports).toEqual([['init error', { errorType: 'Runtime.Unknown', errorMessage: '{}' }]]);
  });

  it.each(['/invocation/next/response', '/exit/error', ''])('answers 404 for %j', async (path) => {
    const { call } = await startApi();
    expect((await call(path)).status).toBe(404);
  });
});
