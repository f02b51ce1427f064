import type { NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import { Command } from 'commander';
import { formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { ArgumentError } from '../errors.ts';
import { withLedger } from '../ledger-session.ts';
import { type Output, paint, type Style } from '../output/output.ts';
import { wrap } from '../output/text-layout.ts';
import { allEntries, destinationOf, type Entry, filterOf, withoutEntry } from './entries.ts';

interface ChangeOptions extends ConnectionOptions {
  readonly dryRun?: boolean;
  readonly skipValidation?: boolean;
}

/** What a command knows that changes the notifications of a bucket. */
export interface BucketChange {
  readonly bucket: string;
  readonly options: ChangeOptions;
  readonly ledger: OpenLedger;
  readonly context: CliContext;
}

/** A command that changes the notifications of a bucket. */
export function changeCommand(
  context: CliContext,
  { name, description, examples }: { readonly name: string; readonly description: string; readonly examples: string },
  run: (change: BucketChange) => Promise<void>,
): Command {
  const command = new Command(name)
    .description(description)
    .argument('<bucket>', 'such as s3://bucket', parseWholeBucket)
    .optionsGroup('How:')
    .option('--dry-run', 'only show what would change')
    .option('--skip-validation', "skip S3's check that the destinations exist");
  return addConnectionOptions(command)
    .addHelpText('after', examples)
    .action((bucket: string, options: ChangeOptions) =>
      withLedger(context, options, (ledger) => run({ bucket, options, ledger, context })),
    );
}

/** The notification configuration of the bucket as it is. */
export async function readBefore({ bucket, ledger, context }: BucketChange): Promise<NotificationConfiguration> {
  const { readConfiguration } = await import('./bucket-configuration.ts');
  return readConfiguration(bucket, await ledger.clients.s3(), context.signal);
}

/** Writes the configuration, unless it is only to be shown. @param done What to say then. */
export async function applyChange(
  { bucket, options, ledger, context }: BucketChange,
  configurations: { readonly before: NotificationConfiguration; readonly after: NotificationConfiguration },
  id: string,
  done: string,
): Promise<void> {
  const { stderr, clock, signal } = context;
  const { dryRun, skipValidation = false } = options;
  const effects = putEffects(configurations.after);
  if (effects !== undefined) await stderr.line(effects);
  if (dryRun) return stderr.line('Nothing was written (--dry-run).');
  const { replaceConfiguration } = await import('./bucket-configuration.ts');
  const client = await ledger.clients.s3();
  await replaceConfiguration({ bucket, ...configurations, id, skipValidation }, { client, clock, signal });
  await stderr.line(done);
}

/** @throws ArgumentError for anything else, a part of a bucket too: the stack's settings say which keys are recorded. */
function parseWholeBucket(text: string): string {
  const [, bucket] = /^s3:\/\/([^/]+)\/?$/.exec(text) ?? [];
  if (bucket !== undefined) return bucket;
  throw new ArgumentError(
    'a whole bucket such as "s3://bucket" (the settings "prefix" and "suffix" choose which keys are recorded)',
  );
}

/** What a put of the configuration sets off at S3, beside the change itself. */
function putEffects(configuration: NotificationConfiguration): string | undefined {
  const tested = new Set(
    allEntries(configuration)
      .filter((entry) => !('LambdaFunctionArn' in entry))
      .map(destinationOf),
  );
  if (tested.size === 0) return undefined;
  return `S3 checks that each destination exists, and sends a test message to ${formatNumberOf(tested.size, 'queue or topic', 'queues and topics')}.`;
}

/** Shows a change as a difference: what stays, what goes, what comes. Names the entries that collide. */
export async function writeDifference(
  { stdout }: CliContext,
  before: NotificationConfiguration,
  { id, entry, collisions = [] }: { id: string; entry?: QueueConfiguration; collisions?: readonly Entry[] },
): Promise<void> {
  const own = allEntries(before).filter(({ Id }) => Id === id);
  for (const other of allEntries(withoutEntry(before, id))) {
    if (collisions.includes(other)) await writeEntry('!', other, 'red', stdout);
    else await writeEntry(' ', other, 'dim', stdout);
  }
  if (before.EventBridgeConfiguration !== undefined) await stdout.line(paint('  EventBridge is on', 'dim', stdout));
  for (const old of own) await writeEntry('-', old, 'red', stdout);
  if (entry !== undefined) await writeEntry('+', entry, 'green', stdout);
}

/** Of the lines of an entry that follow the first. */
const INDENT = '    ';

async function writeEntry(mark: string, entry: Entry, style: Style, output: Output): Promise<void> {
  const { prefix, suffix } = filterOf(entry);
  const filters = Object.entries({ prefix, suffix }).flatMap(([name, value]) => (value ? [`${name} "${value}"`] : []));
  const events = (entry.Events ?? []).map((event) => event.replace(/^s3:/, '')).join(', ');
  const what = [entry.Id ?? '', events, ...filters].join('  ');
  // On a terminal it is folded.
  const lines = wrap(`${visibleText(what)} -> ${visibleText(destinationOf(entry))}`, output.width - INDENT.length);
  for (const [at, line] of lines.entries()) {
    await output.line(paint(`${at === 0 ? `${mark} ` : INDENT}${line}`, style, output));
  }
}
