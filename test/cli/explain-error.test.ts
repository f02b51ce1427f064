import { describe, expect, it } from 'vitest';
import { explainError } from '../../src/cli/explain-error.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const error = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: {}, ...more });

/** Errors as the SDK raised them when it was run without credentials, without a network and so on. */
const ERRORS: readonly unknown[] = [
  new UsageError('--since must be before --until'),
  error('Error', 'Region is missing'),
  error('CredentialsProviderError', 'Could not load credentials from any providers'),
  error('ExpiredTokenException', 'The security token included in the request is expired'),
  error('UnrecognizedClientException', 'The security token included in the request is invalid.'),
  error('AccessDeniedException', 'User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:Query\nmore'),
  error('ResourceNotFoundException', 'Requested resource not found'),
  error('Error', 'connect ECONNREFUSED 127.0.0.1:8000', { code: 'ECONNREFUSED' }),
  error('Error', 'getaddrinfo ENOTFOUND dynamodb.eu-nowhere-9.amazonaws.com', { code: 'ENOTFOUND' }),
  error('ProvisionedThroughputExceededException', 'The level of configured provisioned throughput was exceeded'),
  'a text',
];

describe('an error', () => {
  it('is one line that says what to do', async () => {
    const lines = ERRORS.map(explainError);
    expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/errors.txt');
  });

  it('of the program itself is told with its place', () => {
    expect(explainError(new TypeError('x is not a function'))).toMatch(/^TypeError: x is not a function\n\s+at /);
  });
});
