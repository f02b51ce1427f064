import { createHmac } from 'node:crypto';

interface SignedFormOptions {
  readonly conditions: readonly unknown[];
  readonly fields: Readonly<Record<string, string>>;
  /** @default 2999 */
  readonly expiration?: string;
  /** @default carla */
  readonly accessKeyId?: string;
  /** @default local */
  readonly secret?: string;
}

/** The fields of a form whose policy is signed with version 4 of the signature. */
export function signedForm(options: SignedFormOptions): Record<string, string> {
  const { conditions, fields, expiration = '2999-01-01T00:00:00Z', accessKeyId = 'carla', secret = 'local' } = options;
  const scope = ['20261122', 'us-east-1', 's3', 'aws4_request'];
  const signing = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${accessKeyId}/${scope.join('/')}`,
    'x-amz-date': '20261122T000000Z',
  };
  const all = [...conditions, ...Object.entries(signing).map(([name, value]) => ({ [name]: value }))];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions: all })).toString('base64');
  const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return { ...fields, ...signing, policy, 'x-amz-signature': hmac(key, policy).toString('hex') };
}
