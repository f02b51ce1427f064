import type { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { useOf } from './encryption-key.ts';

/** A ledger as far as permissions name it. */
interface GrantedLedger {
  readonly table: { readonly tableArn: string };
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly buckets: readonly IBucket[];
  /** The queue of failed deliveries, the bus that they are put on again, and the rules there. @default no webhooks */
  readonly webhooks?: GrantedWebhooks | undefined;
  /** Of table and queues. @default AWS's own */
  readonly encryptionKey: IKey | undefined;
}

interface GrantedWebhooks {
  readonly deliveries: IQueue;
  readonly bus: { readonly eventBusArn: string };
  readonly ruleArns: readonly string[];
}

/** What the command line and the console call to read records. */
const READS = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'];

/** What backfill and reconcile call to write records, and to remove superseded ones. */
const REPAIRS = ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem'];

/** What `dlq` calls. A move task needs the permissions of the calls that it makes. */
const DEAD_LETTER_CALLS = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ListMessageMoveTasks',
  'sqs:PurgeQueue',
  'sqs:ReceiveMessage',
  'sqs:StartMessageMoveTask',
];

/** What it calls on the queue of failed deliveries, which SQS itself does not move. */
const DELIVERY_CALLS = DEAD_LETTER_CALLS.filter((call) => !call.includes('MessageMoveTask'));

/** Allows `grantee` to read the table and its indexes. */
export function grantRead(
  { table, encryptionKey }: Pick<GrantedLedger, 'table' | 'encryptionKey'>,
  grantee: IGrantable,
) {
  encryptionKey?.grantDecrypt(grantee);
  return Grant.addToPrincipal({ grantee, actions: READS, resourceArns: [table.tableArn, `${table.tableArn}/index/*`] });
}

/** Allows `grantee` what the commands of operators call, from search to repair. */
export function grantOperate(ledger: GrantedLedger, grantee: IGrantable, stack: Stack): Grant {
  const { table, queue, deadLetterQueue, buckets, webhooks, encryptionKey } = ledger;
  const allow = (actions: string[], resourceArns: string[]) => Grant.addToPrincipal({ grantee, actions, resourceArns });
  const bucketArns = buckets.map(({ bucketArn }) => bucketArn);
  const grants = [
    grantRead(ledger, grantee),
    allow(REPAIRS, [table.tableArn]),
    allow(DEAD_LETTER_CALLS, [deadLetterQueue.queueArn]),
    allow(['sqs:GetQueueAttributes', 'sqs:SendMessage'], [queue.queueArn]),
    ...(webhooks === undefined
      ? []
      : [
          allow(DELIVERY_CALLS, [webhooks.deliveries.queueArn]),
          allow(['events:PutEvents'], [webhooks.bus.eventBusArn]),
          allow(['events:DescribeRule'], [...webhooks.ruleArns]),
          // A pattern and an event are in the call: there is no resource.
          allow(['events:TestEventPattern'], ['*']),
        ]),
    ...(bucketArns.length === 0
      ? []
      : [
          allow(['s3:ListBucket'], bucketArns),
          allow(
            ['s3:GetObject'],
            bucketArns.map((arn) => `${arn}/*`),
          ),
        ]),
    // How long messages have waited. CloudWatch has no resource for it.
    allow(['cloudwatch:GetMetricData'], ['*']),
    allow(['cloudformation:DescribeStacks'], [stack.stackId]),
    ...(encryptionKey === undefined ? [] : [allow(useOf(encryptionKey).actions, [encryptionKey.keyArn])]),
  ];
  return grants.reduce((all, one) => all.combine(one));
}
