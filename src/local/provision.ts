import type { LocalClients } from './clients.ts';
import { provisionBucket } from './provision-bucket.ts';
import { provisionQueues } from './provision-queues.ts';
import { provisionTable } from './provision-table.ts';
import type { LocalResources } from './template-resources.ts';

export type ProvisionClients = Pick<LocalClients, 's3' | 'sqs' | 'dynamodb'>;

/**
 * Makes the buckets, queues and tables of the template in the emulators. What is there already stays, with all that it holds, and
 * takes the template's attributes.
 *
 * Notifications, event source mappings and functions are no part of it: the emulators have none, they are our own.
 *
 * @throws UploadLedgerError `other-table` or `other-queue` when an emulator holds something that the template cannot have made.
 */
export async function provision(resources: LocalResources, { s3, sqs, dynamodb }: ProvisionClients): Promise<void> {
  await Promise.all([
    ...resources.buckets.map((bucket) => provisionBucket(bucket, s3, resources.region)),
    provisionQueues(resources.queues, sqs),
    ...resources.tables.map((table) => provisionTable(table, dynamodb)),
  ]);
}
