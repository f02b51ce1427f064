import type { S3Client } from '@aws-sdk/client-s3';
import { Command, Option } from 'commander';
import type { BackfillReport } from '../../ledger/reconcile/backfill.ts';
import type { BucketObject } from '../../ledger/reconcile/bucket-object.ts';
import { recordingSettings } from '../../ledger/record.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { formatCount, formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { parseCount } from '../arguments/numbers.ts';
import { addConnectionOptions, graceOption } from '../arguments/options.ts';
import { locationText, parseS3Location, parseS3Object, type S3Location, type S3Object } from '../arguments/s3-uri.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { graceNote, graceOf, objectsInDeadLetters } from '../grace.ts';
import { ledgerTable, queuesOf, withLedger } from '../ledger-session.ts';
import { countObjects, createProgress, type PartDone } from '../output/progress.ts';
import { detailUnlessZero, writeDetails } from '../output/table.ts';

/**
 * Objects a second. With both indexes some 1,500 of the 4,000 write units of a new on-demand table: uploads need the
 * rest.
 */
const DEFAULT_RATE = 500;

interface BackfillOptions extends ConnectionOptions {
  readonly inventory?: S3Object;
  readonly startAfter?: string;
  readonly rate: number;
  readonly dryRun?: boolean;
  /** Milliseconds. */
  readonly grace?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger backfill s3://my-uploads
  upload-ledger backfill s3://my-uploads/2025/ --dry-run
  upload-ledger backfill s3://my-uploads --rate 2000
  upload-ledger backfill s3://my-uploads \\
    --inventory s3://my-lists/my-uploads/daily/2026-11-22T01-00Z/manifest.json

It skips every object that already has a record, so it is safe to repeat: after
a stop or a crash, run it again. --start-after skips the keys that were done
before; Ctrl-C prints the key to use.
A listing has only the current versions; an inventory of all versions (CSV) has
the others too. The uploader is known only if the key template names it: the
owner that S3 reports is an account. The time of a record is S3's time of the
object, to the second; for a multipart upload, it is when the upload began.
It also skips what the stack does not record: keys outside its prefix and
suffix, and objects made by events that it does not record. If S3 does not tell
which event made an object, and the stack records some of them, it writes the
record. It skips objects with a message in the dead-letter queue: redrive them
first.
Each object costs half a read unit, each new record three write units or more.
`;

/** `upload-ledger backfill s3://bucket[/prefix]`: records for objects that were there before. */
export function backfillCommand(context: CliContext): Command {
  const command = new Command('backfill')
    .description('Write records for the objects of a bucket that have no record.')
    .argument('<location>', 'such as s3://bucket or s3://bucket/folder/', parseS3Location);
  command
    .optionsGroup('Which objects:')
    .option('--inventory <manifest>', 'the objects of an S3 Inventory, given its manifest.json', parseS3Object)
    .addOption(
      new Option('--start-after <key>', 'objects after this key, in the order of a listing').conflicts('inventory'),
    )
    .addOption(graceOption());
  command
    .optionsGroup('How:')
    .option('--dry-run', 'only count what would be written')
    .option('--rate <count>', 'maximum number of objects a second', parseCount, DEFAULT_RATE)
    .option('--json', 'the report as one JSON object');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((location: S3Location, options: BackfillOptions) =>
      withLedger(context, options, (ledger) => runBackfill(location, options, ledger, context)),
    );
}

async function runBackfill(
  location: S3Location,
  options: BackfillOptions,
  ledger: OpenLedger,
  context: CliContext,
): Promise<void> {
  const { signal, clock } = context;
  const { backfill } = await import('../../ledger/reconcile/backfill.ts');
  const { objects, partDone } = await objectSource(await ledger.clients.s3(), location, options, context);
  const graceMilliseconds = await graceOf(options, ledger, context);
  const waiting = await objectsInDeadLetters(await queuesOf(ledger, context), context);
  const { recorded: scope } = ledger.resources;
  const progress = await createProgress(context, 'objects');
  let last: Readonly<BackfillReport> | undefined;
  try {
    last = await backfill({
      table: await ledgerTable(ledger),
      objects,
      settings: recordingSettings(ledger.resources, 'backfill'),
      dryRun: options.dryRun ?? false,
      graceMilliseconds,
      waiting,
      ...(scope && { scope }),
      startedAt: new Date(clock.now()),
      rate: options.rate,
      clock,
      onPage: (report) => {
        last = report;
        progress.update(partDone(report.seen), report.seen);
      },
      signal,
    });
    progress.stop();
    await writeReport(last, graceMilliseconds, options, context);
    signal.throwIfAborted();
  } catch (error) {
    progress.stop();
    const isUnusable = error instanceof UploadLedgerError && error.code === 'inventory-unusable';
    if (!isUnusable && (last !== undefined || signal.aborted)) await writeHowToResume(last, location, options, context);
    throw error;
  }
}

async function writeReport(
  report: BackfillReport,
  graceMilliseconds: number,
  { dryRun = false, json }: BackfillOptions,
  { stdout }: CliContext,
): Promise<void> {
  const { seen, written, recorded, recent, waiting, excluded, expired, tooLarge } = report;
  if (json) {
    const left = { too_recent: recent, in_dead_letters: waiting, excluded, expired, too_large: tooLarge };
    const counts = { objects: seen, written, recorded, ...left, grace_seconds: graceMilliseconds / SECOND_MS };
    return stdout.line(jsonLine({ dry_run: dryRun, ...counts }));
  }
  await writeDetails(stdout, [
    ['objects', formatCount(seen)],
    ['had a record', formatCount(recorded)],
    [dryRun ? 'would be written' : 'written', formatCount(written)],
    ...detailUnlessZero('too recent to tell', recent, graceNote(graceMilliseconds)),
    ...detailUnlessZero('in dead letters', waiting, ', left to "dlq redrive"'),
    ...detailUnlessZero('not of this stack', excluded, ', by its prefix, suffix or events'),
    ...detailUnlessZero('past the retention', expired),
    ...detailUnlessZero('too large for a record', tooLarge),
  ]);
}

async function writeHowToResume(
  report: Readonly<BackfillReport> | undefined,
  location: S3Location,
  { inventory }: BackfillOptions,
  { stderr }: CliContext,
): Promise<void> {
  const { seen = 0, lastKey = '' } = report ?? {};
  // A key that is shown escaped cannot be copied.
  const canName = inventory === undefined && lastKey !== '' && visibleText(lastKey) === lastKey;
  const where = `upload-ledger backfill ${shellWord(locationText(location))}`;
  const command = canName ? `${where} --start-after ${shellWord(lastKey)}` : 'the same command';
  await stderr.line(`Stopped after ${formatNumberOf(seen, 'object')}; nothing is lost. To continue: ${command}`);
}

/** Where the objects of a backfill come from. */
interface ObjectSource {
  readonly objects: AsyncIterable<readonly BucketObject[]>;
  readonly partDone: PartDone;
}

/** The objects of `location`: those that its bucket lists now, or those of an inventory. */
async function objectSource(
  client: S3Client,
  location: S3Location,
  { inventory, startAfter }: BackfillOptions,
  context: CliContext,
): Promise<ObjectSource> {
  if (inventory !== undefined) return inventorySource(client, location, inventory, context);
  const { listBucket } = await import('../../ledger/reconcile/bucket-listing.ts');
  const listed = { ...location, ...(startAfter !== undefined && { startAfter }) };
  return { objects: listBucket({ client, ...listed }), partDone: await countObjects(client, listed, context) };
}

async function inventorySource(
  client: S3Client,
  { bucket, prefix = '' }: S3Location,
  manifest: S3Object,
  { signal }: CliContext,
): Promise<ObjectSource> {
  const { readInventory, readManifest } = await import('../../ledger/reconcile/inventory.ts');
  let part = 0;
  const onFile = (done: number) => {
    part = done;
  };
  const options = { client, manifest, onFile, signal };
  const contents = await readManifest(options);
  if (contents.sourceBucket !== bucket) {
    throw new UsageError(
      `the inventory lists the bucket "${contents.sourceBucket}", not "${bucket}": choose another inventory or another bucket`,
    );
  }
  const pages = async function* () {
    for await (const page of readInventory(contents, options)) {
      yield page.filter(({ bucket: name, key }) => name === bucket && key.startsWith(prefix));
    }
  };
  return { objects: pages(), partDone: () => part };
}

/** What no POSIX shell changes. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** `text` as one word of a shell's command line. */
function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
