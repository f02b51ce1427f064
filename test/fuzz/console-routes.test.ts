import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleServer, startConsole } from '../../src/console/server/console-server.ts';
import { MemoryLedger } from '../console/memory-ledger.ts';
import { ask, tokenOf } from '../console/server/ask.ts';
import { sourceOf } from '../console/test-source.ts';

const PATHS = [
  '/',
  '/api/records',
  '/api/object',
  '/api/failed',
  '/api/failed/redrive',
  '/api/digest',
  '/api/ticket',
  '/mail/message',
  '/page.js',
];

/** Of a request line: what is neither a space nor a control character. */
const odd = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => text.replaceAll(/[^!-~]/g, '_')),
  fc.constantFrom(
    '%',
    '%00',
    '%ff',
    '..',
    '../../etc/passwd',
    '%2e%2e%2f',
    '//',
    '?',
    '#',
    '&',
    '=',
    '__proto__',
    'a'.repeat(4000),
  ),
);

describe('any request to the console', () => {
  let server: ConsoleServer;
  let authorization: string;

  beforeAll(async () => {
    server = await startConsole({ source: sourceOf({ reader: new MemoryLedger().reader() }), explain: String });
    authorization = `Bearer ${tokenOf(server)}`;
  });
  afterAll(() => server.close());

  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
    path: fc
      .tuple(fc.constantFrom(...PATHS), fc.array(odd, { maxLength: 4 }))
      .map(([path, rest]) => path + rest.join('')),
    isKnown: fc.boolean(),
  });

  it('is answered without a stack trace, and never for a stranger', async () => {
    const host = new URL(server.url).host;
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, isKnown }) => {
        const { status, body } = await ask(server.url, {
          method,
          path,
          headers: { host, ...(isKnown && { authorization }) },
        });
        expect(status).toBeGreaterThanOrEqual(200);
        expect(body).not.toMatch(/^\s+at .*\.ts:\d+/m);
        expect(body).not.toContain('root:');
        const isPage = /^\/(page\.js)?(\?|#|$)/.test(path);
        if (!isKnown && !isPage) expect(status).toBeGreaterThanOrEqual(400);
      }),
      { seed: 10, numRuns: 500 },
    );
    expect((await ask(server.url, { path: '/api/source', headers: { host, authorization } })).status).toBe(200);
  });
});
