import { describe, expect, it } from 'vitest';
import { checkLog } from '../system/chaos/checks/check-log.ts';
import { BODY_MARK, SECRETS } from '../system/chaos/secrets.ts';

describe('the chaos run’s search of the log', () => {
  it('finds nothing in correct lines', () => {
    expect(checkLog(['{"level":"INFO","message":"Batch recorded"}', 'Task timed out after 6.00 seconds'])).toEqual([]);
  });

  it.each([
    ['the end of a body', `{"message":"x","body":"${BODY_MARK}"}`],
    ['a secret key', `{"message":"${SECRETS.secretAccessKey}"}`],
    ['a session token', SECRETS.sessionToken],
    ['a signature', 'AWS4-HMAC-SHA256 Credential=...'],
    ['a whole event', '{"s3":{"s3SchemaVersion":"1.0"}}'],
    ['a line of somebody else', '{"level":"ERROR","forged":true}'],
  ])('finds %s', (_, line) => {
    expect(checkLog(['{"level":"INFO"}', line])).toHaveLength(1);
  });
});
