import { visibleText } from '../../../shared/text.ts';
import { DEPLOY_AGAIN, type Diagnosis, ok, wrong } from '../check.ts';
import type { Deployment } from '../deployment.ts';

/**
 * Whether the bucket's own notification configuration names the queue. Anybody who puts such a configuration replaces all of it: another
 * stack or tool that wants to hear of the bucket as well is how a ledger goes deaf.
 */
export async function bucketListensTo({ ledger, queue }: Deployment): Promise<Diagnosis> {
  const { bucketName } = ledger.resources;
  const { GetBucketNotificationConfigurationCommand } = await import('@aws-sdk/client-s3');
  const client = await ledger.clients.s3();
  const command = new GetBucketNotificationConfigurationCommand({ Bucket: bucketName });
  const [{ QueueConfigurations = [] }, { QueueArn }] = await Promise.all([client.send(command), queue()]);
  const ours = QueueConfigurations.filter((one) => one.QueueArn === QueueArn);
  const events = [...new Set(ours.flatMap(({ Events = [] }) => Events))];
  const bucket = visibleText(bucketName);
  if (events.length === 0) {
    return wrong(
      `bucket ${bucket} tells the queue of nothing: its notification configuration was replaced or removed`,
      `${DEPLOY_AGAIN}, and let nothing else write that configuration; then "upload-ledger reconcile s3://${bucket} --repair"`,
    );
  }
  if (!events.some((event) => event.startsWith('s3:ObjectCreated:'))) {
    return wrong(
      `bucket ${bucket} tells the queue of no new objects, only of ${events.join(', ')}`,
      `add ObjectCreated:* to the setting "events", then ${DEPLOY_AGAIN}`,
    );
  }
  return ok(`bucket ${bucket} tells the queue of ${events.map((event) => event.replace(/^s3:/, '')).join(', ')}`);
}
