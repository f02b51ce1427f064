/**
 * `npm run lab -- measure-cli [--few 20000] [--many 200000] [--only COMMAND]`: runs the built commands over a ledger of few records and one of
 * many, and prints what their heap holds at its greatest and when their first row comes. Exits with 1 when the heap grows by more than half,
 * or a first row waits for the last record.
 */
import { type BuiltCli, buildCli } from '../../system/end-to-end/built-cli.ts';
import { optionsOrExit } from '../tool-options.ts';
import { type CommandMeasure, measureCommand } from './measure-command.ts';
import { startSyntheticServices } from './synthetic-services.ts';

const MOST_GROWTH = 1.5;

const RANGE = '--since 2026-11-13 --until 2026-11-22';

/** The commands, and whether their rows are final before all is read: names are not. */
const ALL: readonly (readonly [command: string, streams: boolean])[] = [
  [`list ${RANGE}`, true],
  [`list ${RANGE} --json`, true],
  [`stats ${RANGE}`, true],
  [`stats --by hour ${RANGE}`, true],
  [`stats --by uploader ${RANGE}`, false],
  ['reconcile s3://uploads-bucket --grace 0s', true],
];

const { few, many, only } = optionsOrExit('npm run lab -- measure-cli [--few N] [--many N] [--only COMMAND]', {
  few: 20_000,
  many: 200_000,
  only: '',
});
const COMMANDS = ALL.filter(([command]) => command.startsWith(only));
const sizes = [few, many];
const cli = await buildCli();
try {
  const measures = new Map<string, CommandMeasure[]>();
  for (const size of sizes) await measureAll(size, cli, measures);
  for (const [command, streams] of COMMANDS) report(command, streams, measures.get(command) ?? []);
} finally {
  await cli.remove();
}

async function measureAll(size: number, built: BuiltCli, into: Map<string, CommandMeasure[]>): Promise<void> {
  const services = await startSyntheticServices(size);
  const { address } = services;
  await built.announce({
    pid: process.pid,
    startedAt: 1,
    endpoints: { services: address, dynamodb: address, ses: address, events: address },
    region: 'us-east-1',
    tableName: 'synthetic',
    queueUrl: `${address}/queue`,
    deadLetterQueueUrl: `${address}/dead-letters`,
    bucketName: 'uploads-bucket',
    indexShards: 8,
  });
  try {
    for (const [command] of COMMANDS) {
      const measure = await measureCommand(built, services, command.split(' '));
      into.set(command, [...(into.get(command) ?? []), measure]);
      const { heap, rows, requestsBeforeRow, requests, seconds, exitCode } = measure;
      process.stdout.write(
        `${size.toLocaleString('en-US')}: ${command}: heap ${(heap / 1e6).toFixed(1)} MB, first of ${rows} rows after ${requestsBeforeRow} of ${requests} requests, ${seconds.toFixed(1)} s, exit code ${exitCode}\n`,
      );
    }
  } finally {
    await services.close();
  }
}

function report(command: string, streams: boolean, [few, many]: readonly CommandMeasure[]): void {
  if (few === undefined || many === undefined) throw new TypeError('Expected two measures of each command.');
  const growth = many.heap / few.heap;
  const waits = streams && many.requestsBeforeRow > many.requests / 5;
  const isWrong = growth > MOST_GROWTH || waits || many.rows === 0;
  if (isWrong) process.exitCode = 1;
  process.stdout.write(
    `${command}: heap x ${growth.toFixed(2)}${waits ? ', and the first row waits' : ''}${isWrong ? ': WRONG' : ''}\n`,
  );
}
