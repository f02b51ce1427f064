import type { Command } from 'commander';
import { visibleText } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { applyChange, type BucketChange, changeCommand, readBefore, writeDifference } from '../notifications/change.ts';
import { allEntries, entryId, withoutEntry } from '../notifications/entries.ts';

const EXAMPLES = `
Examples:
  upload-ledger detach s3://my-bucket --dry-run
  upload-ledger detach s3://my-bucket --stack UploadLedger

Removes the entry that "attach" made for this stack, by its id, and leaves all
others as they are. Run it before you delete the stack or take the bucket out of
"source": S3 refuses every change of a configuration that names a queue that no
longer exists. Permissions and cautions are the same as for "attach".
`;

/** `upload-ledger detach s3://bucket`: takes out what `attach` has put in. */
export function detachCommand(context: CliContext): Command {
  return changeCommand(
    context,
    { name: 'detach', description: 'Remove what "attach" added to a bucket.', examples: EXAMPLES },
    detach,
  );
}

async function detach(change: BucketChange): Promise<void> {
  const { bucket, ledger, context } = change;
  const id = entryId(ledger.stackName);
  const before = await readBefore(change);
  if (!allEntries(before).some(({ Id }) => Id === id)) {
    return context.stderr.line(`Bucket ${bucket} has no entry ${visibleText(id)}: nothing to remove.`);
  }
  await writeDifference(context, before, { id });
  const done = 'Detached; everything else is unchanged. Uploads from now on have no record.';
  await applyChange(change, { before, after: withoutEntry(before, id) }, id, done);
}
