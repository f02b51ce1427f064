import { Command } from 'commander';
import { visibleText } from '../../shared/text.ts';
import { asArgument } from '../arguments/options.ts';
import { parseS3Location, type S3Location } from '../arguments/s3-uri.ts';
import type { OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { withLedger } from '../ledger-session.ts';
import { putEffects, wholeBucket, writeDifference } from '../notifications/change.ts';
import { allEntries, entryId, withoutEntry } from '../notifications/entries.ts';
import { type AttachOptions, addChangeOptions } from './attach.ts';

const EXAMPLES = `
Examples:
  upload-ledger detach s3://my-bucket --dry-run
  upload-ledger detach s3://my-bucket --stack UploadLedger

Removes the entry that "attach" made for this stack, by its id, and leaves all
others as they are. Run it before you delete the stack or take the bucket out of
"source": S3 refuses every change of a configuration that names a queue that no
longer exists. Permissions and cautions are those of "attach".
`;

/** `upload-ledger detach s3://bucket`: takes out what `attach` has put in. */
export function detachCommand(context: CliContext): Command {
  const command = new Command('detach')
    .description('Remove what "attach" added to a bucket.')
    .argument('<bucket>', 'such as s3://bucket', asArgument(parseS3Location));
  return addChangeOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((location: S3Location, options: AttachOptions) =>
      withLedger(context, options, (ledger) => detach(wholeBucket(location), options, ledger, context)),
    );
}

async function detach(
  bucket: string,
  { dryRun, skipValidation = false }: AttachOptions,
  ledger: OpenLedger,
  context: CliContext,
): Promise<void> {
  const { stderr, signal, clock } = context;
  const { readConfiguration, replaceConfiguration } = await import('../notifications/bucket-configuration.ts');
  const client = await ledger.clients.s3();
  const id = entryId(ledger.stackName);
  const before = await readConfiguration(bucket, client, signal);
  if (!allEntries(before).some(({ Id }) => Id === id)) {
    return stderr.line(`Bucket ${bucket} has no entry ${visibleText(id)}: nothing to take out.`);
  }
  await writeDifference(context, before, { id });
  const after = withoutEntry(before, id);
  const effects = putEffects(after);
  if (effects !== undefined) await stderr.line(effects);
  if (dryRun) return stderr.line('Nothing was written (--dry-run).');
  await replaceConfiguration({ bucket, before, after, id, skipValidation }, { client, clock, signal });
  await stderr.line('Detached; everything else is unchanged. Uploads from now on have no record.');
}
