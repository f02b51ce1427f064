import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { visibleText } from '../../shared/text.ts';
import type { OpenLedger } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { allEntries } from './entries.ts';

/** The CDK's resource that puts the notification configuration of a bucket of its app as a whole. */
const CDK_RESOURCE = 'Custom::S3BucketNotifications';

/**
 * Warnings about whoever else writes the bucket's configuration as a whole, and will take the ledger's entry out again.
 *
 * @throws UsageError when the ledger's own stack does.
 */
export async function otherWriters(
  bucket: string,
  configuration: NotificationConfiguration,
  ledger: OpenLedger,
): Promise<readonly string[]> {
  const terraform = allEntries(configuration).find(({ Id = '' }) => /^tf-s3-/.test(Id));
  return [
    ...(terraform === undefined
      ? []
      : [
          `Terraform has made entry ${visibleText(terraform.Id ?? '')}: an apply that changes the bucket's aws_s3_bucket_notification removes the ledger's entry. Add the entry there instead.`,
        ]),
    ...(ledger.isLocal ? [] : await templateOf(bucket, ledger)),
  ];
}

async function templateOf(bucket: string, { clients, stackName }: OpenLedger): Promise<readonly string[]> {
  const { DescribeStackResourcesCommand, GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clients.cloudformation();
  try {
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ PhysicalResourceId: bucket }),
    );
    const made = StackResources.find(({ PhysicalResourceId }) => PhysicalResourceId === bucket);
    if (made?.StackName === undefined) return [];
    if (made.StackName === stackName) {
      throw new UsageError(
        `bucket ${bucket} belongs to the ledger's own stack: its notifications are in the template, and "doctor" compares them`,
      );
    }
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: made.StackName }));
    return writesNotifications(TemplateBody, made.LogicalResourceId ?? '')
      ? [
          `Stack ${visibleText(made.StackName)} has made the bucket, with notifications in its template: when it changes them, the ledger's entry is gone. Add the entry there instead, or use EventBridge.`,
        ]
      : [];
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UsageError) throw error;
    if (/does not exist/.test(error.message)) return [];
    return [`Could not check whether a template writes the bucket's notifications: ${visibleText(error.message)}`];
  }
}

/** Whether a template puts the notifications of a bucket. One that is not JSON is only searched for the words. */
function writesNotifications(template: string, logicalId: string): boolean {
  try {
    const { Resources = {} }: { Resources?: Readonly<Record<string, unknown>> } = JSON.parse(template);
    const text = (one: unknown) => JSON.stringify(one ?? null);
    const isPut = (one: unknown) => text(one).includes(`"${CDK_RESOURCE}"`) && text(one).includes(`"${logicalId}"`);
    return text(Resources[logicalId]).includes('"NotificationConfiguration"') || Object.values(Resources).some(isPut);
  } catch {
    return template.includes('NotificationConfiguration');
  }
}
