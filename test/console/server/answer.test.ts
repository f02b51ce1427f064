import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { sourceOf } from '../test-source.ts';
import { ask, type Question } from './ask.ts';

const EMAIL = {
  messageId: 'one',
  from: 'ledger@example.com',
  destination: { to: ['team@example.com'] },
  subject: '3 uploads',
  body: { html: '<style>p{color:red}</style><script>alert(1)</script><p>3</p>', text: '3' },
  at: 1_795_000_000,
};

describe('answers of the console', () => {
  let server: ConsoleServer;
  const authorization = 'Bearer secret';

  beforeAll(async () => {
    const sign = async ({ key }: { key: string }) => `http://127.0.0.1:4566/bucket/${encodeURIComponent(key)}`;
    const uploads = { origin: 'http://127.0.0.1:4566', sign };
    const reader = new MemoryLedger().reader();
    server = await startConsole({
      source: sourceOf({ reader, uploads, inbox: async () => [EMAIL] }),
      explain: String,
      token: 'secret',
    });
  });
  afterAll(() => server.close());

  const asked = (question: Question) =>
    ask(server.url, { ...question, headers: { authorization, origin: server.url, ...question.headers } });

  it.each(['/', '/search', '/dashboard', '/object', '/failed', '/mail', '/upload'])(
    'give the page at %s, which runs and fetches own files only',
    async (path) => {
      const { status, headers, body } = await asked({ path });
      expect(status).toBe(200);
      expect(body).toContain('<title>upload-ledger</title>');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("connect-src 'self' http://127.0.0.1:4566;");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:/);
    },
  );

  it('forbid to cache, frame, sniff or share anything with other sites', async () => {
    for (const path of ['/', '/page.js', '/api/source', '/nowhere']) {
      const { headers } = await asked({ path });
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/page/../../server/answer.ts',
    '/page.ts',
    '/style/base.css',
    '/index.html',
    '/page.js%00.css',
    '/\\..\\package.json',
  ])('give no file at %s', async (path) => {
    const { status, body } = await asked({ path });
    expect(status).toBe(404);
    expect(body).toBe('{"error":"There is nothing at this address."}');
  });

  it.each(['http://evil.example/', '//evil.example/', '*'])('refuse %s as an address', async (path) => {
    expect([400, 403]).toContain((await asked({ path })).status);
  });

  it('give an email a policy under which nothing runs and nothing is fetched', async () => {
    const { headers, body } = await asked({ path: '/mail/message?id=one' });
    expect(body).toBe(EMAIL.body.html);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; img-src data:;.*; sandbox$/);
    expect(policy).not.toMatch(/script-src|allow-/);
  });

  it('sign an upload as the uploader that it names', async () => {
    const body = JSON.stringify({ uploads: [{ key: 'a b.txt', uploader: 'alice' }] });
    const { body: answer } = await asked({ method: 'POST', path: '/api/uploads', body });
    expect(JSON.parse(answer)).toEqual({ urls: ['http://127.0.0.1:4566/bucket/a%20b.txt'] });
  });

  it.each([
    '',
    '[]',
    'nonsense',
    '{"uploads":[{"key":"","uploader":"a"}]}',
    '{"uploads":[{"key":"a/../b","uploader":"a"}]}',
    '{"uploads":[{"key":"a","uploader":"a/b"}]}',
    '{"uploads":7}',
  ])('say what the request %s should have been', async (body) => {
    const { status, body: answer } = await asked({ method: 'POST', path: '/api/uploads', body });
    expect(status).toBe(400);
    expect(JSON.parse(answer).error).toMatch(/^Expected /);
  });

  it('refuse a request that is too large', async () => {
    const { status } = await asked({ method: 'POST', path: '/api/uploads', body: 'x'.repeat(5_000_000) }).catch(() => ({
      status: 400,
    }));
    expect(status).toBe(400);
  });

  it('are replaced by one clear error when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const start = startConsole({ source: sourceOf({ reader: new MemoryLedger().reader() }), explain: String, port });
    await expect(start).rejects.toThrow(
      `The console cannot listen on 127.0.0.1:${port} (EADDRINUSE): choose another port or address.`,
    );
    other.close();
  });
});
