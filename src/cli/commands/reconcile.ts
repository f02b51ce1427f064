import { Command } from 'commander';
import {
  completeness,
  type Finding,
  judged,
  openFindings,
  type ReconcileReport,
} from '../../ledger/reconcile/report.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { recordingSettings } from '../../ledger/record.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { parseCount, parseCountOrNone } from '../arguments/numbers.ts';
import { addConnectionOptions, graceOption } from '../arguments/options.ts';
import { parseS3Location, type S3Location } from '../arguments/s3-uri.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { graceNote, graceOf, objectsInDeadLetters } from '../grace.ts';
import { ledgerTable, queuesOf, withLedger } from '../ledger-session.ts';
import type { Output } from '../output/output.ts';
import { countObjects, createProgress } from '../output/progress.ts';
import { timeText } from '../output/records.ts';
import { type Column, createTableWriter, detailUnlessZero, writeDetails } from '../output/table.ts';

interface ReconcileOptions extends ConnectionOptions {
  readonly repair?: boolean;
  readonly maxMissing: number;
  readonly rate?: number;
  /** Milliseconds. */
  readonly grace?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger reconcile s3://my-uploads
  upload-ledger reconcile s3://my-uploads/2026/11/ --repair
  upload-ledger reconcile s3://my-uploads --json --max-missing 10

missing    in the bucket, but what is there now has no record
different  its record has another size or eTag
gone       not in the bucket, but its deletion has no record
reverted   an earlier version is current again, and no record says how
twice      its notification arrived after backfill or reconcile had recorded it
--repair writes a missing record, corrects a wrong one, and records that an
object or its later versions were deleted. Of two records, it keeps the one of
the notification.
If it was stopped or killed, run it again. Run "dlq redrive" first: this command
skips objects with a message in the dead-letter queue.
It also skips what the stack's prefix, suffix and events exclude, and objects
that are too recent. S3 dates a multipart object by the start of its upload, so
it counts as recent for eight more days; --grace 0s checks every object.
Each object costs half a read unit; then the whole table is read once, for half
a read unit per 4 KB. It needs 12 to 34 bytes of memory for each object (200 MB
for ten million), and some for the program. With --json, the last line is a
summary.
Exit code 1: more findings are left than --max-missing allows.
`;

/** `upload-ledger reconcile s3://bucket[/prefix]`: the bucket against the ledger. */
export function reconcileCommand(context: CliContext): Command {
  const command = new Command('reconcile')
    .description('Compare a bucket with the ledger: what is missing, what is different, how complete is it?')
    .argument('<location>', 'such as s3://bucket or s3://bucket/folder/', parseS3Location)
    .optionsGroup('What to do:')
    .option('--repair', 'correct the ledger')
    .option('--max-missing <count>', 'number of findings to accept', parseCountOrNone, 0)
    .addOption(graceOption());
  command
    .optionsGroup('How:')
    .option('--rate <count>', 'maximum number of objects a second (default: no limit)', parseCount)
    .option('--json', 'one JSON object per finding, and one for the summary');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((location: S3Location, options: ReconcileOptions) =>
      withLedger(context, options, (ledger) => runReconcile(location, options, ledger, context)),
    );
}

async function runReconcile(
  location: S3Location,
  options: ReconcileOptions,
  ledger: OpenLedger,
  context: CliContext,
): Promise<void> {
  const { stdout, stderr, signal, clock } = context;
  const { rate, repair = false } = options;
  const { reconcile } = await import('../../ledger/reconcile/reconcile.ts');
  const client = await ledger.clients.s3();
  const graceMilliseconds = await graceOf(options, ledger, context);
  const waiting = repair ? await objectsInDeadLetters(await queuesOf(ledger, context), context) : undefined;
  const { recorded: scope } = ledger.resources;
  const progress = await createProgress(context, 'objects');
  const partDone = await countObjects(client, location, context);
  const write = createFindingWriter(stdout, options);
  try {
    const findings = reconcile({
      table: await ledgerTable(ledger),
      client,
      ...location,
      settings: recordingSettings(ledger.resources, 'reconcile'),
      repair,
      graceMilliseconds,
      ...(waiting && { waiting }),
      ...(scope && { scope }),
      startedAt: new Date(clock.now()),
      ...(rate !== undefined && { rate }),
      clock,
      signal,
      onProgress: ({ listed }) => progress.update(partDone(listed), listed),
    });
    let step = await findings.next();
    for (; !step.done; step = await findings.next()) {
      const finding = step.value;
      await progress.suspend(() => write(finding));
    }
    progress.stop();
    if (signal.aborted) await stderr.line('Stopped; what was repaired stays repaired. Run it again for the rest.');
    else await writeReport(step.value, graceMilliseconds, options, stdout);
    if (step.value.waiting > 0) await stderr.line(REDRIVE_FIRST);
    signal.throwIfAborted();
    if (openFindings(step.value) > options.maxMissing) context.exitCode = 1;
  } finally {
    progress.stop();
  }
}

/** Writes findings as they come: rows for people, or one JSON object per line. */
function createFindingWriter(
  output: Output,
  { json, repair }: { readonly json?: boolean; readonly repair?: boolean },
): (finding: Finding) => Promise<void> {
  if (json) return (finding) => output.line(jsonLine(toJson(finding)));
  return createTableWriter(output, repair ? [...COLUMNS.slice(0, 1), REPAIRED, ...COLUMNS.slice(1)] : COLUMNS);
}

/** To people whose findings were not all repaired. */
const REDRIVE_FIRST =
  'Some have a message in the dead-letter queue: "dlq redrive" records those uploads. Then repair again.';

const REPAIRED: Column<Finding> = {
  title: 'REPAIRED',
  width: 8,
  text: ({ isRepaired, isWaiting }) => (isRepaired ? 'yes' : isWaiting ? 'redrive' : 'no'),
};

const COLUMNS: readonly Column<Finding>[] = [
  { title: 'FINDING', width: 9, text: ({ kind }) => kind, style: () => 'red' },
  {
    title: 'TIME (UTC)',
    width: 19,
    text: ({ object, record }) => timeText(object?.lastModified ?? record?.timestamp ?? ''),
    style: () => 'dim',
  },
  { title: 'SIZE', width: 9, align: 'right', text: ({ object, record }) => sizeText(object?.size ?? record?.filesize) },
  { title: 'KEY', width: 'rest', keep: 'end', text: ({ key }) => visibleText(key) },
];

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '-' : formatBytes(bytes);
}

function toJson({ kind, bucket, key, object, record, supersededBy, isWaiting, isRepaired }: Finding) {
  return {
    finding: kind,
    s3_bucket: bucket,
    s3_key: key,
    ...(object && {
      object: { filesize: object.size, etag: object.eTag, last_modified: object.lastModified },
    }),
    ...(record && { record: recordJson(record) }),
    ...(supersededBy && { superseded_by: recordJson(supersededBy) }),
    ...(isWaiting && { in_dead_letters: true }),
    repaired: isRepaired,
  };
}

function recordJson({ upload_id, status, timestamp, filesize, etag, source }: LedgerRecord) {
  return { upload_id, status, timestamp, filesize, etag, source };
}

/** Decimal places: one missing object of ten million still shows. */
const DECIMALS = 5;

async function writeReport(
  report: ReconcileReport,
  graceMilliseconds: number,
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<void> {
  const { listed, recorded, missing, different, gone, reverted, twice, repaired } = report;
  const { recent, waiting, excluded, unclear, expired } = report;
  if (json) {
    const found = { recorded, missing, different, gone, reverted, twice, repaired };
    const left = { too_recent: recent, in_dead_letters: waiting, excluded, unclear, expired };
    const counts = { objects: listed, judged: judged(report), ...found, ...left };
    const part = completeness(report) ?? null;
    return output.line(
      jsonLine({ summary: true, ...counts, grace_seconds: graceMilliseconds / SECOND_MS, completeness: part }),
    );
  }
  if (missing + different + gone + reverted + twice > 0) await output.line('');
  await writeDetails(output, [
    ['objects', formatCount(listed)],
    ['recorded', formatCount(recorded)],
    ['missing', formatCount(missing)],
    ['different', formatCount(different)],
    ['gone', formatCount(gone)],
    ['reverted', formatCount(reverted)],
    ['twice', formatCount(twice)],
    ...detailUnlessZero('repaired', repaired),
    ...detailUnlessZero('in dead letters', waiting, ', left to "dlq redrive"'),
    ...detailUnlessZero('too recent to tell', recent, graceNote(graceMilliseconds)),
    ...detailUnlessZero('not of this stack', excluded, ', by its prefix, suffix or events'),
    ...detailUnlessZero('unclear', unclear, ', perhaps by events that this stack does not record'),
    ...detailUnlessZero('past the retention', expired),
    ['complete', percentText(completeness(report))],
  ]);
}

/** Rounded down: only what is complete is "100 %". */
function percentText(part: number | undefined): string {
  if (part === undefined) return 'unknown: nothing could be checked';
  // One object of a million must show, and 88.88888 % says no more than 88.88 %.
  const decimals = part < 0.9999 ? 2 : DECIMALS;
  const scale = 10 ** decimals;
  const percent = Math.floor(part * 100 * scale) / scale;
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: decimals })} %`;
}
