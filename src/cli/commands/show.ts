import { Command } from 'commander';
import { otherBucketHint } from '../../contract/outputs.ts';
import { currentState } from '../../ledger/current-state.ts';
import { findOtherSpelling, type OtherSpelling, UNICODE_FORM_LABELS } from '../../ledger/read/other-spelling.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import { type LedgerRecord, namedVersion } from '../../ledger/record.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import { parseS3Object, type S3Object } from '../arguments/s3-uri.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { withReader } from '../ledger-session.ts';
import { paint } from '../output/output.ts';
import { recordDetails, sizeColumn, timeColumn, uploaderColumn } from '../output/records.ts';
import { type Column, createTableWriter } from '../output/table.ts';

interface ShowOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger show s3://my-uploads/invoices/2026-11.pdf
  upload-ledger show --json "s3://my-uploads/with spaces.txt" | jq -s 'last'

Write the key as it is: quote it for the shell, and do not encode it.
Exit code 1: there is no record.
`;

/** `upload-ledger show s3://bucket/key`: the current state of one object, then all that happened to it. */
export function showCommand(context: CliContext): Command {
  const command = new Command('show')
    .description('Show one object: its current state, then its history, oldest first.')
    .argument('<object>', 'such as s3://bucket/folder/file.txt', parseS3Object)
    .optionsGroup('How:')
    .option('--json', 'only the history, one JSON object per line');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((object: S3Object, options: ShowOptions) =>
      withReader(context, options, (reader, { resources }) =>
        show(object, options, { reader, bucketName: resources.bucketName }, context),
      ),
    );
}

async function show(
  object: S3Object,
  { json }: ShowOptions,
  { reader, bucketName }: { readonly reader: LedgerReader; readonly bucketName: string },
  context: CliContext,
): Promise<void> {
  const { bucket, key } = object;
  const { stdout, stderr, signal } = context;
  const state = await currentState(reader.history(bucket, key, { order: 'newest-first', signal }));
  if (state === undefined) {
    context.exitCode = 1;
    await stderr.line(`There is no record of ${nameOf(object)}. Keys are exact, upper and lower case included.`);
    const elsewhere = otherBucketHint(bucket, bucketName);
    if (elsewhere !== undefined) await stderr.line(visibleText(elsewhere));
    const other = await findOtherSpelling(key, (spelling) => reader.history(bucket, spelling, { signal }));
    if (other !== undefined) await stderr.line(spellingHint(other, nameOf({ bucket, key: other.text })));
    const decoded = decodedKey(key);
    if (decoded !== undefined && !(await reader.history(bucket, decoded, { signal }).next()).done) {
      await stderr.line(`There is one of the decoded key: ${nameOf({ bucket, key: decoded })}`);
    }
    return;
  }
  const history = reader.history(bucket, key, { signal });
  if (json) return writeAll(history, (record) => stdout.line(jsonLine(record)), context);
  await writeState(object, state.record, context);
  await stdout.line('');
  const { first, all } = await peek(history);
  await writeAll(all, createTableWriter(stdout, historyColumns([state.record, ...first])), context);
}

/** The key as S3's events write it, decoded. Undefined: it is not encoded. */
function decodedKey(key: string): string | undefined {
  try {
    const decoded = decodeURIComponent(key.replaceAll('+', ' '));
    return decoded === key ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** Records that are read before the first is shown: to see whether the object has versions. */
const PEEKED = 1000;

async function peek<Value>(values: AsyncGenerator<Value>) {
  const first: Value[] = [];
  let isOver = false;
  while (first.length < PEEKED && !isOver) {
    const step = await values.next();
    if (step.done) isOver = true;
    else first.push(step.value);
  }
  const all = async function* () {
    yield* first;
    if (!isOver) yield* values;
  };
  return { first, all: all() };
}

function spellingHint({ form }: OtherSpelling, name: string): string {
  return `There is one of a key that looks the same, in ${UNICODE_FORM_LABELS[form]}: ${name}`;
}

async function writeState(object: S3Object, current: LedgerRecord, { stdout }: CliContext): Promise<void> {
  await stdout.line(paint(nameOf(object), 'bold', stdout));
  for (const [name, value] of recordDetails(current)) {
    await stdout.line(`  ${paint(name.padEnd(12), 'dim', stdout)} ${value}`);
  }
}

/** Of an object with versions, also which version each event is about. */
function historyColumns(records: readonly LedgerRecord[]): readonly Column<LedgerRecord>[] {
  const hasVersions = records.some(({ version_id }) => namedVersion(version_id) !== undefined);
  return [timeColumn, sizeColumn, uploaderColumn, ...(hasVersions ? [versionColumn] : []), eventColumn];
}

const versionColumn: Column<LedgerRecord> = {
  title: 'VERSION',
  width: 8,
  text: ({ version_id }) => visibleText(version_id ?? '-'),
  style: () => 'dim',
};

const eventColumn: Column<LedgerRecord> = {
  title: 'EVENT',
  width: 'rest',
  keep: 'end',
  text: ({ event_name }) => visibleText(event_name),
};

async function writeAll(
  records: AsyncIterable<LedgerRecord>,
  write: (record: LedgerRecord) => Promise<void>,
  { signal }: CliContext,
): Promise<void> {
  for await (const record of records) {
    signal.throwIfAborted();
    await write(record);
  }
}

function nameOf({ bucket, key }: S3Object): string {
  return visibleText(`s3://${bucket}/${key}`);
}
