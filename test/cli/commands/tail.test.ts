import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StopReason } from '../../../src/cli/errors.ts';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { ledgerOf, linesOf, runCli } from '../cli.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

/** Runs `tail`, and Ctrl-C once it has written `lines` lines; `onLine` is told of each. */
async function tail(args: string, lines: number, onLine: (count: number) => void = () => undefined) {
  let text = '';
  const run = await runCli(['tail', ...args.split(' ').filter(Boolean)], {
    ledger: ledgerOf(table),
    prepare: (stdout, stop) => {
      stdout.onWrite = (written) => {
        text += written;
        const count = linesOf(text).length;
        onLine(count);
        if (count === lines) stop.abort(new StopReason('interrupted', 130));
        return true;
      };
    },
  });
  return { ...run, lines: linesOf(text) };
}

describe('tail', () => {
  it('shows the last records, then new ones, until Ctrl-C', async () => {
    await table.put(
      ...['08', '09', '10'].map((hour) => recordOf(hour, { timestamp: `2026-11-22T${hour}:00:00.000Z` })),
    );
    const { lines, exitCode, stderr } = await tail('--last 2', 4, (count) => {
      if (count === 3) void table.put(recordOf('new', { timestamp: '2026-11-22T12:00:00.000Z' }));
    });
    expect(lines.map((line) => line.trim().split(/\s+/).at(-1))).toEqual(['KEY', '09', '10', 'new']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
  });

  it('writes the records that match the filters as one JSON object per line', async () => {
    await table.put(recordOf('a', { uploader: 'alice' }), recordOf('b', { uploader: 'bob' }));
    const { lines } = await tail('--json --uploader bob', 1);
    expect(lines.map((line) => JSON.parse(line).s3_key)).toEqual(['b']);
  });
});
