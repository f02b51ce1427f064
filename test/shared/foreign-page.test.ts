import { describe, expect, it } from 'vitest';
import { foreignPageError } from '../../src/shared/foreign-page.ts';

const HOST = '127.0.0.1:4566';
const embedded = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
const opened = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const framed = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };

describe('foreignPageError', () => {
  it.each<[string, string, Record<string, string>]>([
    ['a program', 'POST', { host: HOST }],
    ['a program that uses the name of this machine', 'PUT', { host: 'localhost:4566' }],
    ['a program that uses IPv6', 'PUT', { host: '[::1]:4566' }],
    ['a program behind a forwarded port', 'PUT', { host: 'localhost:9000' }],
    ["the server's own page", 'POST', { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }],
    ["the server's own page behind a forwarded port", 'POST', { host: 'localhost:9', origin: 'http://localhost:9' }],
    ['an address that the user types', 'GET', { host: HOST, 'sec-fetch-site': 'none', ...opened }],
    ['a link that the user follows', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site', ...opened }],
  ])('lets in %s', (_, method, headers) => {
    expect(foreignPageError({ method, headers })).toBeUndefined();
  });

  it.each<[string, string, Record<string, string>]>([
    ['a name that points to this machine', 'GET', { host: 'evil.example:4566' }],
    ['a name that begins like one of this machine', 'GET', { host: 'localhost.evil.example:4566' }],
    ['a host that is none', 'GET', { host: '127.0.0.1:4566@evil.example' }],
    ['no host', 'GET', {}],
    ['a page of another site', 'GET', { host: HOST, origin: 'https://evil.example' }],
    ['a page of another port of this machine', 'GET', { host: HOST, origin: 'http://127.0.0.1:1' }],
    ['a page that hides its site', 'POST', { host: HOST, origin: 'null' }],
    ['an image on a page of another site', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site', ...embedded }],
    ['an image on a page of another port', 'GET', { host: HOST, 'sec-fetch-site': 'same-site', ...embedded }],
    ['a frame on a page of another site', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site', ...framed }],
    ['a form of another site that has no Origin', 'POST', { host: HOST, 'sec-fetch-site': 'cross-site', ...opened }],
  ])('refuses %s', (_, method, headers) => {
    expect(foreignPageError({ method, headers })).toMatch(/^This server /);
  });

  it('lets in the pages that the rules admit, also what they embed', () => {
    const rules = { admits: (origin: string) => origin === 'https://app.example' };
    const site = { host: HOST, 'sec-fetch-site': 'cross-site', ...embedded };
    expect(foreignPageError({ headers: { host: HOST, origin: 'https://app.example' } }, rules)).toBeUndefined();
    expect(foreignPageError({ headers: { ...site, referer: 'https://app.example/album' } }, rules)).toBeUndefined();
    expect(foreignPageError({ headers: { ...site, referer: 'https://evil.example/' } }, rules)).toBeDefined();
    expect(foreignPageError({ headers: site }, rules)).toBeDefined();
  });
});
