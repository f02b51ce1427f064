import { describe, expect, it } from 'vitest';
import { StopReason } from '../../src/cli/errors.ts';
import { ledgerOf, type MemoryStream, runCli } from './cli.ts';
import { syntheticTable } from './synthetic-table.ts';

const RECORDS = 20_000;

/** Runs `command` over a long ledger, and notes rows and queries as they happen. */
async function happenings(
  command: string,
  prepare: (stdout: MemoryStream, stop: AbortController) => void = () => undefined,
) {
  const table = syntheticTable(RECORDS);
  const events: ('row' | 'query')[] = [];
  table.onQuery = () => events.push('query');
  const run = await runCli(command.split(' '), {
    ledger: ledgerOf(table),
    prepare: (stdout, stop) => {
      stdout.onWrite = () => {
        events.push('row');
        return true;
      };
      prepare(stdout, stop);
    },
  });
  const queries = (list: readonly string[]) => list.filter((event) => event === 'query').length;
  return {
    ...run,
    rows: events.length - queries(events),
    queriesBeforeRow: queries(events.slice(0, events.indexOf('row'))),
    queries: queries(events),
  };
}

describe('streaming', () => {
  it.each(['list --since 10d', 'list --since 10d --json'])(
    'writes its first row long before everything is read: %s',
    async (command) => {
      const { rows, queriesBeforeRow, queries } = await happenings(command);
      expect(rows).toBeGreaterThanOrEqual(RECORDS);
      // The day of the clock's slack has none; the eight shards of the newest day are asked for their first page.
      expect(queriesBeforeRow).toBeLessThanOrEqual(8);
      expect(queries).toBeGreaterThan(80);
    },
  );

  it.each([
    ['stats --json', 31],
    ['stats --csv', 32],
    ['stats', 33],
    ['stats --by hour --since 10d', 242],
  ])('writes its first row long before everything is read: %s', async (command, expected) => {
    const { rows, queriesBeforeRow, queries } = await happenings(command);
    expect(rows).toBeGreaterThanOrEqual(expected);
    expect(queriesBeforeRow).toBeLessThan(queries / 5);
  });
});

describe('a reader that closes the pipe', () => {
  it('ends the command silently and with success, and stops the reading', async () => {
    const { exitCode, stderr, queries } = await happenings('list --since 10d', (stdout) => {
      let rows = 0;
      stdout.onWrite = () => {
        rows += 1;
        if (rows === 3) stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
        return rows < 3;
      };
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(queries).toBeLessThan(20);
  });
});

describe('Ctrl-C', () => {
  it.each(['list --since 10d', 'stats --by uploader', 'show s3://uploads-bucket/a'])(
    'ends the command silently, with the exit code of the signal: %s',
    async (command) => {
      const table = syntheticTable(RECORDS);
      let queries = 0;
      const { exitCode, stderr } = await runCli(command.split(' '), {
        ledger: ledgerOf(table),
        prepare: (_, stop) => {
          table.onQuery = () => {
            queries += 1;
            stop.abort(new StopReason('interrupted', 130));
            stop.signal.throwIfAborted();
          };
        },
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
      expect(queries).toBeLessThan(20);
    },
  );

  it('ends a command between two rows', async () => {
    const { exitCode, rows } = await happenings('list --since 10d', (stdout, stop) => {
      const { onWrite } = stdout;
      stdout.onWrite = (text) => {
        onWrite?.(text);
        stop.abort(new StopReason('interrupted', 130));
        return true;
      };
    });
    expect({ exitCode, rows }).toEqual({ exitCode: 130, rows: 2 });
  });
});

describe('an output that cannot be written', () => {
  it('is reported, with exit code 2', async () => {
    const reason = new StopReason('cannot write the output: no space left on device', 2);
    const { exitCode, stderr } = await happenings('list --since 10d', (_, stop) => stop.abort(reason));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'upload-ledger: cannot write the output: no space left on device\n',
    });
  });
});

describe('a slow reader', () => {
  it('slows the command down instead of filling the memory', async () => {
    let [waiting, greatest] = [0, 0];
    const { exitCode } = await happenings('list --limit 20', (stdout) => {
      stdout.onWrite = () => {
        waiting += 1;
        greatest = Math.max(greatest, waiting);
        setImmediate(() => {
          waiting -= 1;
          stdout.emit('drain');
        });
        return false;
      };
    });
    expect({ exitCode, greatest }).toEqual({ exitCode: 0, greatest: 1 });
  });
});
