import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';
import { ledgerOf, runCli } from '../cli/cli.ts';

/** A ledger that cannot be reached: what is to be fuzzed are the arguments. */
function unreachable(): OpenLedger {
  const refuse = async (): Promise<never> => {
    throw new UploadLedgerError('unreachable', 'There is nobody there.');
  };
  const clients = { dynamodb: refuse, cloudformation: refuse, s3: refuse, sqs: refuse, destroy: () => undefined };
  const opened = ledgerOf({ client: { send: refuse } as never, tableName: 'ledger', indexShards: 2 });
  return { ...opened, clients: { ...opened.clients, ...clients } };
}

/** Commands that only look things up; the others would start a local stack where their arguments happen to be right. */
const COMMANDS = ['list', 'show', 'stats', 'tail', 'dlq', 'backfill', 'reconcile', 'lst', '', '--', '-', 'help'];

const argument = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'list',
    'redrive',
    'purge',
    '--from',
    '--to',
    '--uploader',
    '--limit',
    '--json',
    '--csv',
    '--by',
    '--dry-run',
  ),
  fc.constantFrom(
    's3://b/k',
    's3://',
    '2026-11-22',
    '2026-13-45',
    '-1',
    '1e309',
    '0x10',
    '999999999999999999999',
    '--limit=',
    '--',
  ),
  fc.constantFrom('a'.repeat(5000), '\u001b[2J', '\r\n', '--__proto__', '--constructor=1', 'NaN', '7d', '-7d'),
);

describe('any arguments', () => {
  it('end with an exit code and a message, never with a stack trace', async () => {
    const lines = fc.tuple(fc.constantFrom(...COMMANDS), fc.array(argument, { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(lines, async ([command, rest]) => {
        const { exitCode, stderr, stdout } = await runCli([command, ...rest], { ledger: unreachable() });
        expect([0, 1, 2]).toContain(exitCode);
        expect(stdout + stderr).not.toMatch(/^\s+at .*\.ts:\d+/m);
        expect((stdout + stderr).includes('\u001b[2J')).toBe(false);
      }),
      { seed: 9, numRuns: 800 },
    );
  });
});
