import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignError } from '../../../src/console/server/access.ts';
import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { sourceOf } from '../test-source.ts';
import { ask, tokenOf } from './ask.ts';

describe('access to the console', () => {
  let server: ConsoleServer;
  let host: string;
  let authorization: string;

  beforeAll(async () => {
    const reader = new MemoryLedger().reader();
    server = await startConsole({
      source: sourceOf({ reader, inbox: async () => [] }),
      explain: String,
    });
    host = new URL(server.url).host;
    authorization = `Bearer ${tokenOf(server)}`;
  });
  afterAll(() => server.close());

  const asked = (parts: Record<string, string>, method = 'GET', path = '/api/source') =>
    ask(server.url, { method, path, headers: { host, authorization, ...parts } });

  it('has its token behind the # of the link, which a browser sends to nobody', () => {
    expect(server.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  });

  it('lets in whoever sends the token in a header, and sets no cookie', async () => {
    const { status, headers } = await asked({});
    expect(status).toBe(200);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it.each(['/', '/search', '/page.js', '/page.css', '/icon.svg'])(
    'gives %s, a file without a secret, to everybody',
    async (path) => {
      const { status, headers, body } = await ask(server.url, { path });
      expect(status).toBe(200);
      expect(headers['set-cookie']).toBeUndefined();
      expect(body).not.toContain('a test');
    },
  );

  it.each(['/api/source', '/api/live', '/api/ticket?address=/mail/message', '/mail/message?id=1', '/nowhere'])(
    'refuses %s without the token',
    async (path) => {
      const { status, body } = await ask(server.url, { path });
      expect(status).toBe(401);
      expect(body).toBe('{"error":"Open the link that the console printed when it started."}');
    },
  );

  it.each(['', 'Bearer', 'Bearer x', `Bearer ${'x'.repeat(43)}`, `Bearer ${'ü'.repeat(43)}`])(
    'refuses the guess "%s"',
    async (guess) => {
      expect((await asked({ authorization: encodeURI(guess).replaceAll('%20', ' ') })).status).toBe(401);
    },
  );

  it('takes the token from a header and nowhere else', async () => {
    const token = tokenOf(server);
    for (const path of [`/api/source?token=${token}`, `/api/source?ticket=${token}`]) {
      expect((await ask(server.url, { path, headers: { cookie: `token=${token}`, 'x-token': token } })).status).toBe(
        401,
      );
    }
  });

  it('lets a ticket in to the one address that it was given for, by GET alone', async () => {
    const { body } = await asked({}, 'GET', `/api/ticket?${new URLSearchParams({ address: '/mail/message?id=a b' })}`);
    const { address } = JSON.parse(body) as { address: string };
    expect((await ask(server.url, { path: address })).status).toBe(200);
    expect((await ask(server.url, { path: address.replace('id=a', 'id=b') })).status).toBe(401);
    expect((await ask(server.url, { path: address.replace('/mail/message', '/api/source') })).status).toBe(401);
    expect((await ask(server.url, { path: `${address}&more=1` })).status).toBe(401);
    expect((await ask(server.url, { method: 'POST', path: address })).status).toBe(401);
  });

  it.each(['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.2', '192.168.1.5'])(
    'refuses a request for the host "%s", which a foreign page can point here',
    async (foreign) => {
      expect((await asked({ host: foreign })).status).toBe(403);
      expect((await asked({ host: foreign }, 'GET', '/page.js')).status).toBe(403);
    },
  );

  it.each(['127.0.0.1', '127.0.0.1:9000', 'localhost:9000', '[::1]:9000'])(
    'answers a request for %s, as it comes through a forwarded port',
    async (forwarded) => {
      expect((await asked({ host: forwarded })).status).toBe(200);
      const own = { host: forwarded, origin: `http://${forwarded}`, 'sec-fetch-site': 'same-origin' };
      expect((await asked(own, 'POST', '/api/uploads')).status).toBe(404);
    },
  );

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1', 'http://localhost'])(
    'refuses a request of the origin %s',
    async (origin) => {
      expect((await asked({ origin })).status).toBe(403);
      expect((await asked({ origin }, 'POST', '/api/dead-letters')).status).toBe(403);
      expect((await asked({ origin }, 'OPTIONS')).status).toBe(403);
    },
  );

  it.each(['same-site', 'cross-site'])('refuses what a page of another origin embeds or fetches (%s)', async (site) => {
    const embedded = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
    expect((await asked(embedded, 'GET', '/page.js')).status).toBe(403);
    const followed = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await asked(followed, 'GET', '/')).status).toBe(200);
  });

  it('listens on 127.0.0.1 unless told otherwise', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });
});

describe('foreignError on another interface', () => {
  const error = (host: string) => foreignError({ headers: { host } }, { address: '0.0.0.0', token: 't' });

  it('accepts any address, and no name but localhost', () => {
    for (const host of ['192.168.1.5:8700', '[fe80::1]:8700', 'localhost:9']) expect(error(host)).toBeUndefined();
    for (const host of ['evil.example:8700', '192.168.1.5.evil.example:8700']) expect(error(host)).toBeDefined();
  });
});
