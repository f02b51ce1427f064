import type { NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { visibleText } from '../../shared/text.ts';
import type { OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { inspectDeployment } from '../doctor/deployment.ts';
import { admits, parsePolicy } from '../doctor/policy.ts';
import { UsageError } from '../errors.ts';
import { applyChange, type BucketChange, changeCommand, readBefore, writeDifference } from '../notifications/change.ts';
import { allEntries, canonicalEntry, ledgerEntry, overlap, withEntry, withoutEntry } from '../notifications/entries.ts';
import { otherWriters } from '../notifications/other-writers.ts';

const EXAMPLES = `
Examples:
  upload-ledger attach s3://my-bucket --dry-run
  upload-ledger attach s3://my-bucket --stack UploadLedger

For an existing bucket that the stack's settings name: "source":
{"buckets": ["my-bucket"], "delivery": "notification"}. The command adds or
updates one entry, leaves all others as they are, and reads them again to check.
+ is added, - is removed, ! conflicts with the entry: S3 does not accept two
entries for the same events of the same keys. Use EventBridge then (delivery
"eventbridge"): it cannot conflict.
S3 replaces a configuration only as a whole, and without a condition. The
command notices when somebody else changes it before or after the write; a
change during this one request is lost. S3 refuses the write if a destination of
any entry no longer exists; --skip-validation tells S3 not to check.
It needs s3:GetBucketNotification and s3:PutBucketNotification on the bucket,
and sqs:GetQueueAttributes. To say what else writes the bucket's notifications,
it needs cloudformation:DescribeStackResources and cloudformation:GetTemplate.
Exit code 1: entries conflict, and nothing was written.
`;

/** `upload-ledger attach s3://bucket`: lets a bucket of somebody else tell the ledger's queue of its uploads. */
export function attachCommand(context: CliContext): Command {
  const description = 'Make an existing bucket notify the ledger of its uploads.';
  return changeCommand(context, { name: 'attach', description, examples: EXAMPLES }, attach);
}

async function attach(change: BucketChange): Promise<void> {
  const { bucket, ledger, context } = change;
  const { stderr } = context;
  const entry = await entryFor(bucket, ledger);
  const id = entry.Id ?? '';
  const before = await readBefore(change);
  const warnings = await otherWriters(bucket, before, ledger);
  const others = allEntries(withoutEntry(before, id));
  const collisions = others.filter((other) => overlap(entry, other));
  if (collisions.length === 0 && isThere(before, entry)) {
    await stderr.line(`Bucket ${bucket} already notifies the queue by its entry ${visibleText(id)}.`);
    for (const warning of warnings) await stderr.line(warning);
    return;
  }
  await writeDifference(context, before, { id, entry, collisions });
  for (const warning of warnings) await stderr.line(warning);
  if (collisions.length > 0) {
    context.exitCode = 1;
    return stderr.line(
      `Nothing was written: S3 does not accept two entries for the same events of the same keys. Set "prefix", "suffix" or "events" so that they differ from those with a "!", or use EventBridge: "delivery": "eventbridge".`,
    );
  }
  const done = `Attached; everything else is unchanged. For objects already in the bucket: "upload-ledger backfill s3://${bucket}".`;
  await applyChange(change, { before, after: withEntry(before, entry) }, id, done);
}

function isThere(configuration: NotificationConfiguration, entry: QueueConfiguration): boolean {
  const own = allEntries(configuration).filter(({ Id }) => Id === entry.Id);
  return own.length === 1 && own.every((one) => canonicalEntry(one) === canonicalEntry(entry));
}

/**
 * The entry that the bucket should have.
 *
 * @throws UsageError when the queue does not let S3 send for this bucket: S3 would refuse the entry. The local stack's
 *   queues have no policy.
 */
async function entryFor(bucket: string, ledger: OpenLedger): Promise<QueueConfiguration> {
  const { QueueArn: queueArn = '', Policy } = await inspectDeployment(ledger).queue();
  const [, partition = 'aws'] = queueArn.split(':');
  const request = { service: 's3.amazonaws.com', sourceArn: `arn:${partition}:s3:::${bucket}`, queueArn };
  if (!ledger.isLocal && !admits(parsePolicy(Policy), request)) {
    throw new UsageError(
      `the queue of ${ledger.name} does not allow S3 to send for bucket ${bucket}: write "source": {"buckets": ["${bucket}"], "delivery": "notification"} into cdk.json, then "npx cdk deploy"`,
    );
  }
  return ledgerEntry(queueArn, ledger.resources.recorded, ledger.stackName);
}
