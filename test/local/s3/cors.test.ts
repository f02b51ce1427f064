import { describe, expect, it } from 'vitest';
import { type CorsRequest, type CorsRule, corsHeaders, corsRuleFor } from '../../../src/local/s3/cors.ts';

const rule = (parts: Partial<CorsRule> = {}): CorsRule => ({
  allowedOrigins: ['https://app.example'],
  allowedMethods: ['GET', 'PUT'],
  allowedHeaders: [],
  exposedHeaders: [],
  ...parts,
});
const request = (parts: Partial<CorsRequest> = {}): CorsRequest => ({
  origin: 'https://app.example',
  method: 'PUT',
  headers: [],
  ...parts,
});

describe('corsRuleFor', () => {
  it.each([
    ['the origin', {}, {}],
    ['any origin', { allowedOrigins: ['*'] }, { origin: 'null' }],
    ['an origin with a wildcard', { allowedOrigins: ['https://*.example'] }, { origin: 'https://a.b.example' }],
    ['a header in other case', { allowedHeaders: ['X-Amz-*'] }, { headers: ['x-amz-meta-a'] }],
    ['any header', { allowedHeaders: ['*'] }, { headers: ['content-type', 'x'] }],
  ] as const)('admits %s', (_, allowed, asked) => {
    expect(corsRuleFor([rule(allowed)], request(asked))).toBeDefined();
  });

  it.each([
    ['another origin', {}, { origin: 'https://other.example' }],
    ['another scheme', {}, { origin: 'http://app.example' }],
    ['an origin in other case', {}, { origin: 'https://APP.example' }],
    ['an origin that a wildcard leaves no room for', { allowedOrigins: ['https://a*a.b'] }, { origin: 'https://a.b' }],
    ['another method', {}, { method: 'DELETE' }],
    ['a header that is not listed', { allowedHeaders: ['content-type'] }, { headers: ['content-type', 'x-other'] }],
  ] as const)('refuses %s', (_, allowed, asked) => {
    expect(corsRuleFor([rule(allowed)], request(asked))).toBeUndefined();
  });

  it('takes the first rule that matches', () => {
    const rules = [rule({ allowedMethods: ['GET'] }), rule({ maxAgeSeconds: 1 }), rule({ maxAgeSeconds: 2 })];
    expect(corsRuleFor(rules, request())?.maxAgeSeconds).toBe(1);
  });

  it('admits pages of this machine without a rule, and by the rule where there is one', () => {
    const local = request({ origin: 'http://localhost:5173', headers: ['x-amz-meta-a'] });
    expect(corsRuleFor([], local)).toBeDefined();
    const own = rule({ allowedOrigins: ['http://localhost:*'], allowedHeaders: ['*'], maxAgeSeconds: 7 });
    expect(corsRuleFor([own], local)?.maxAgeSeconds).toBe(7);
    expect(corsRuleFor([], request({ origin: 'http://localhost.evil.example' }))).toBeUndefined();
  });
});

describe('corsHeaders', () => {
  it('names the origin, and allows credentials, where a rule names it', () => {
    const named = rule({ exposedHeaders: ['ETag', 'x-amz-request-id'], maxAgeSeconds: 3000 });
    expect(corsHeaders(named, request({ headers: ['Content-Type', 'X-Amz-Meta-A'] }))).toEqual({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type, x-amz-meta-a',
      'access-control-expose-headers': 'ETag, x-amz-request-id',
      'access-control-max-age': '3000',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    });
  });

  it('names nobody, and allows no credentials, where a rule admits everybody', () => {
    expect(corsHeaders(rule({ allowedOrigins: ['*'] }), request())).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, PUT',
      vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    });
  });
});
