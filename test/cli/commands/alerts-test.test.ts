import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertRule, emailSettings } from '../../builders/email-settings.ts';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { ledgerOf, linesOf, runCli } from '../cli.ts';

let table: LedgerTable;
let directory: string;

beforeEach(async () => {
  table = await openLedgerTable();
  directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-rules-'));
  // A file a second, and an invoice as the last but ten.
  await table.put(
    ...Array.from({ length: 60 }, (_, second) =>
      recordOf(second === 49 ? 'invoices/1.pdf' : `noise/${second}`, {
        timestamp: `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`,
        filesize: 1000,
      }),
    ),
  );
});

afterEach(() => {
  table.close();
  rmSync(directory, { recursive: true });
});

const EVERYTHING = alertRule('everything');
const INVOICES = alertRule('invoices', { prefix: 'invoices/' });

function test(args: readonly string[], alerts = [EVERYTHING, INVOICES], alertsPerMinute = 10) {
  const email = emailSettings({ alerts, alertsPerMinute });
  const ledger = { ...ledgerOf(table), isLocal: true, ...(alerts.length > 0 && { email }) };
  return runCli(['alerts', 'test', '--since', '2026-11-22', '--until', '2026-11-22', ...args], { ledger });
}

const rows = async (...args: Parameters<typeof test>) =>
  linesOf((await test(...args)).stdout).map((line) => JSON.parse(line));

const fileOf = (value: unknown): string => {
  const file = path.join(directory, 'rules.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};

describe('alerts test', () => {
  it('shows the emails that the rules of the stack would have sent, bounded as the function bounds them', async () => {
    const { stdout, exitCode } = await test(['--limit', '1'], [EVERYTHING, INVOICES], 3);
    expect(exitCode).toBe(0);
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/^TIME \(UTC\) +RULE +EMAIL +MATCHES +SIZE +FIRST$/),
      expect.stringMatching(/^2026-11-22 10:00:55 +everything +held back +5 +5\.0 kB +noise\/55$/),
      '',
      '12 more, not listed.',
      'everything: 2 emails, 10 held back, 60 matches',
      'invoices: 1 email, 1 match',
    ]);
  });

  it('gives programs one object for each alert, newest first', async () => {
    const all = await rows(['--json'], [INVOICES]);
    expect(all).toEqual([
      {
        at: '2026-11-22T10:00:45.000Z',
        rule: 'invoices',
        sent: true,
        matches: 1,
        bytes: 1000,
        first: 'invoices/1.pdf',
        recipients: ['team@example.com'],
      },
    ]);
  });

  it('tries a rule of a file, or several, in place of those of the stack', async () => {
    const rule = { name: 'pdf', suffix: '.pdf', recipients: ['a@example.com'] };
    const expected = [{ rule: 'pdf', matches: 1 }];
    expect(await rows(['--json', '--rule', fileOf(rule)], [])).toMatchObject(expected);
    expect(await rows(['--json', '--rule', fileOf([rule])], [EVERYTHING])).toMatchObject(expected);
  });

  it('says of each rule that it matched nothing', async () => {
    const { stdout } = await test([], [alertRule('never', { prefix: 'x' })]);
    expect(linesOf(stdout)).toEqual(['never: 0 emails, 0 matches']);
  });

  it.each([
    ['a stack without rules', () => [], /has no alert rules: try one with --rule FILE/],
    ['a file that is not there', () => ['--rule', '/nowhere.json'], /cannot read the rules in \/nowhere\.json: ENOENT/],
    ['a file that is no JSON', () => ['--rule', fileOf('{')], /cannot read the rules in .*JSON/],
    [
      'a rule without a condition',
      () => ['--rule', fileOf({ name: 'a', recipients: ['a@example.com'] })],
      /expected one of prefix/,
    ],
  ])('fails with one line for %s', async (_, args, message) => {
    const { stderr, exitCode } = await test(args(), []);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });
});
