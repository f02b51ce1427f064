import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/errors.ts';
import { explainError } from '../../src/cli/explain-error.ts';
import { linesOf, runCli } from './cli.ts';

/** Command lines that cannot be carried out. None of them may get as far as looking for the ledger. */
const MISTAKES = [
  'lst',
  '--region us-east-1 list',
  'list --sinc 2h',
  'list --since yesterday',
  'list --since 2026-02-30',
  'list --until 25:00',
  'list --since 1h --until 2h',
  'list --since 2026-11-02 --until 2026-11-01',
  'list --limit 0',
  'list --limit many',
  'list --min-size big',
  'list --min-size 1iB',
  'list --category holiday',
  'list --status lost',
  'list --json --csv',
  'list extra',
  'list --prefix',
  'show',
  'show bucket/key',
  'show s3://bucket',
  'show s3://bucket/',
  'stats --by week',
  'stats --top 0',
  'tail --last -1',
  'tail --late soon',
  'tail --late 2d',
  'dlq lst',
  'dlq show',
  'dlq redrive --reason sad',
  'dlq redrive --rate 0',
  'dlq redrive --limit none',
  'dlq redrive --canary-wait soon',
  'dlq export',
  'dlq purge',
  'backfill',
  'backfill my-uploads',
  'backfill s3://',
  'backfill s3://b --rate 0',
  'backfill s3://b --grace soon',
  'backfill s3://b --inventory s3://lists',
  'backfill s3://b --inventory s3://lists/manifest.json --start-after a',
  'attach foo',
  'attach s3://b/prefix',
  'reconcile s3:/b',
  'reconcile s3://b --max-missing -1',
  'estimate --uploads-per-month many',
  'estimate --hours-per-day 25',
  'estimate --hours-per-day 0',
  'estimate --categories 0',
  'list --fields s3_key,size',
  'estimate -c batchSize',
  'estimate --stack Prod -c batchSize=10',
  'doctor extra',
  'console --port 0',
  'console --address here',
  'local --port many',
  'demo --uploads 1',
  'digest preview extra',
];

describe('a mistake in a command line', () => {
  it('is reported in one line that says what to do, with exit code 2', async () => {
    const lines: string[] = [];
    for (const mistake of MISTAKES) {
      const { stdout, stderr, exitCode, connections } = await runCli(mistake.split(' '));
      expect({ stdout, exitCode, connections }, mistake).toEqual({ stdout: '', exitCode: 2, connections: [] });
      expect(linesOf(stderr), mistake).toHaveLength(1);
      lines.push(`$ upload-ledger ${mistake}`, stderr);
    }
    await expect(lines.join('\n')).toMatchFileSnapshot('golden/mistakes.txt');
  });

  it.each([
    [['list', '--uploader', ''], 'list: expected --uploader to be a value that is not empty, got ""'],
    [['list', '--stack='], 'list: expected --stack to be a value that is not empty, got ""'],
    [['dlq', 'show', ''], 'dlq show: expected <id> to be a value that is not empty, got ""'],
    [['list', '--since', ''], 'list: expected --since to be a time ago'],
  ])('is an empty value, as of a shell variable that is not set: %j', async (args, message) => {
    const { stdout, stderr, exitCode, connections } = await runCli(args);
    expect({ stdout, exitCode, connections }).toEqual({ stdout: '', exitCode: 2, connections: [] });
    expect(stderr).toContain(message);
  });

  it('is quoted with its control characters escaped', async () => {
    const { stderr } = await runCli(['list', '--since', '\u001b[2J\u202e\n']);
    expect(stderr).toContain('\\x1b[2J\\u202e\\x0a');
    expect(linesOf(stderr)).toHaveLength(1);
  });
});

const error = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: {}, ...more });

/** An error of the operating system. */
function systemError(code: keyof typeof constants.errno, syscall: string, place: object = {}) {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, errno: -constants.errno[code], syscall, ...place });
}

/** Errors as the SDK raised them when it was run without credentials, without a network and so on. */
const ERRORS: readonly unknown[] = [
  new UsageError('--since must be before --until'),
  error('ExpiredTokenException', 'The security token included in the request is expired'),
  error('UnrecognizedClientException', 'The security token included in the request is invalid.'),
  error('AccessDeniedException', 'User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:Query\nmore'),
  error('ResourceNotFoundException', 'Requested resource not found'),
  error('Error', 'connect ECONNREFUSED 127.0.0.1:8000', { code: 'ECONNREFUSED' }),
  error('Error', 'getaddrinfo ENOTFOUND dynamodb.eu-nowhere-9.amazonaws.com', { code: 'ENOTFOUND' }),
  error('InvalidAction', 'Unknown action: DescribeStacks'),
  error('ProvisionedThroughputExceededException', 'The level of configured provisioned throughput was exceeded'),
  systemError('EROFS', 'open', { path: '/read-only/digest.html' }),
  systemError('EACCES', 'mkdir', { path: '/of-somebody-else/.cache' }),
  systemError('ENOSPC', 'write'),
  systemError('EADDRINUSE', 'listen', { address: '127.0.0.1', port: 8000 }),
  'a text',
];

describe('explainError', () => {
  it('says in one line what to do', async () => {
    const lines = ERRORS.map(explainError);
    expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/errors.txt');
  });

  it('shows the stack trace of a bug', () => {
    expect(explainError(new TypeError('x is not a function'))).toMatch(/^TypeError: x is not a function\n\s+at /);
  });
});
