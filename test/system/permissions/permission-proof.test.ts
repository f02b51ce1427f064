import { describe, expect, it } from 'vitest';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import { provePermissions } from './permission-proof.ts';
import type { Statement } from './policy.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger';

function statement(overrides: Partial<Statement> = {}): Statement {
  return { effect: 'Allow', actions: ['dynamodb:PutItem'], resources: [TABLE], conditions: {}, ...overrides };
}

function call(overrides: Partial<ServiceCall> = {}): ServiceCall {
  return { caller: 'f', action: 'dynamodb:PutItem', resources: [TABLE], context: {}, ...overrides };
}

const onlyFor = (key: string, operator: string, value: string) =>
  statement({ conditions: { [operator]: { [key]: [value] } } });

describe('provePermissions', () => {
  it('accepts calls that are allowed and permissions that are used', () => {
    expect(provePermissions([call()], [statement()])).toEqual({ missing: [], unused: [] });
  });

  it('names the action and the resource of a call that is not allowed', () => {
    const elsewhere = statement({ resources: [`${TABLE}s`] });
    expect(provePermissions([call()], [elsewhere]).missing).toEqual([`dynamodb:PutItem on ${TABLE}`]);
    expect(provePermissions([call({ action: 'dynamodb:Scan' })], [statement()]).missing).toEqual([
      `dynamodb:Scan on ${TABLE}`,
    ]);
  });

  it('names permissions that are never used, and every wildcard of actions', () => {
    expect(provePermissions([], [statement()]).unused).toEqual([`dynamodb:PutItem on ${TABLE}`]);
    const all = statement({ actions: ['dynamodb:*'] });
    expect(provePermissions([call()], [all])).toEqual({ missing: [], unused: [`dynamodb:* on ${TABLE}`] });
  });

  it('lets a denial win over any permission', () => {
    const denied = [statement(), statement({ effect: 'Deny' })];
    expect(provePermissions([call()], denied).missing).toEqual([`dynamodb:PutItem on ${TABLE}`]);
  });

  it.each([
    ['StringEquals', 'ses:FromAddress', 'a@example.com', ['a@example.com'], true],
    ['StringEquals', 'ses:FromAddress', 'a@example.com', ['b@example.com'], false],
    ['StringEquals', 'ses:FromAddress', 'a@example.com', [], false],
    ['ForAllValues:StringLike', 'dynamodb:LeadingKeys', 'summary#*', ['summary#1', 'summary#2'], true],
    ['ForAllValues:StringLike', 'dynamodb:LeadingKeys', 'summary#*', ['summary#1', 'bucket/key'], false],
  ])('holds %s of %s to %s: %j is %s', (operator, key, value, given, isAllowed) => {
    const { missing } = provePermissions([call({ context: { [key]: given } })], [onlyFor(key, operator, value)]);
    expect(missing.length === 0).toBe(isAllowed);
  });

  it('rejects a condition operator that it does not know', () => {
    const unknown = onlyFor('aws:CurrentTime', 'DateLessThan', '2026-11-22T10:00:00Z');
    expect(() => provePermissions([call()], [unknown])).toThrow(/DateLessThan/);
  });
});
