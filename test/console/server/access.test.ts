import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignError } from '../../../src/console/server/access.ts';
import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { sourceOf } from '../test-source.ts';
import { ask } from './ask.ts';

describe('access to the console', () => {
  let server: ConsoleServer;
  let host: string;
  let cookie: string;

  beforeAll(async () => {
    const reader = new MemoryLedger().reader();
    server = await startConsole({ source: sourceOf({ reader }), explain: String });
    host = new URL(server.url).host;
    const { headers } = await ask(server.url, { path: pathOf(server.link) });
    cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  });
  afterAll(() => server.close());

  const asked = (parts: Record<string, string>, method = 'GET', path = '/api/source') =>
    ask(server.url, { method, path, headers: { host, cookie, ...parts } });

  it('lets in whoever follows the link, by a cookie that no script reads and no other site sends', async () => {
    const { status, headers } = await ask(server.url, { path: pathOf(server.link) });
    expect({ status, location: headers.location }).toEqual({ status: 303, location: '/' });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^upload_ledger_console_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await asked({})).status).toBe(200);
  });

  it.each(['/', '/search', '/page.js', '/page.css', '/api/source', '/api/live', '/mail/message', '/nowhere'])(
    'refuses %s without the token',
    async (path) => {
      const { status, headers, body } = await ask(server.url, { path });
      expect(status).toBe(403);
      expect(headers['set-cookie']).toBeUndefined();
      expect(body).not.toContain('a test');
    },
  );

  it.each(['', 'x', 'x'.repeat(43), 'ü'.repeat(43)])('refuses the guessed token "%s"', async (token) => {
    expect((await ask(server.url, { path: `/?token=${encodeURIComponent(token)}` })).status).toBe(403);
    expect(
      (await ask(server.url, { headers: { cookie: `${cookie.split('=')[0]}=${encodeURIComponent(token)}` } })).status,
    ).toBe(403);
  });

  it('takes the token in the link and nowhere else', async () => {
    const token = new URL(server.link).searchParams.get('token') ?? '';
    expect((await ask(server.url, { headers: { authorization: `Bearer ${token}`, 'x-token': token } })).status).toBe(
      403,
    );
    expect(
      (await ask(server.url, { method: 'POST', path: pathOf(server.link), headers: { origin: server.url } })).status,
    ).toBe(403);
  });

  it('redirects to no other site after the link was used', async () => {
    const token = new URL(server.link).search;
    for (const path of ['//evil.example/', '/x/..//evil.example/', '/\\evil.example/']) {
      const { headers } = await ask(server.url, { path: `${path}${token}` });
      expect(headers.location ?? '/').toBe('/');
    }
    expect((await ask(server.url, { path: `/search${token}&prefix=a%2Fb` })).headers.location).toBe(
      '/search?prefix=a%2Fb',
    );
  });

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:80',
    '192.168.1.5:80',
  ])('refuses a request for the host "%s", which a foreign page can point here', async (foreign) => {
    const { status } = await asked({ host: foreign.replace(/:80$/, `:${new URL(server.url).port}`) });
    expect(status).toBe(403);
  });

  it('answers a request for localhost on the right port', async () => {
    expect((await asked({ host: `localhost:${new URL(server.url).port}` })).status).toBe(200);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1', 'http://localhost'])(
    'refuses a request of the origin %s',
    async (origin) => {
      expect((await asked({ origin })).status).toBe(403);
      expect((await asked({ origin }, 'POST', '/api/dead-letters')).status).toBe(403);
    },
  );

  it('refuses a request that changes something without an origin', async () => {
    expect((await asked({}, 'POST', '/api/uploads')).status).toBe(403);
    expect((await asked({ origin: server.url }, 'POST', '/api/uploads')).status).toBe(404);
  });

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
  const rules = { address: '0.0.0.0', port: 8700, token: 't' };
  const fault = (host: string) => foreignError({ method: 'GET', headers: { host } }, rules);

  it('accepts any address, and no name but localhost', () => {
    for (const host of ['192.168.1.5:8700', '[fe80::1]:8700', 'localhost:8700']) expect(fault(host)).toBeUndefined();
    for (const host of ['evil.example:8700', '192.168.1.5:80', '192.168.1.5.evil.example:8700'])
      expect(fault(host)).toBeDefined();
  });
});

function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return pathname + search;
}
