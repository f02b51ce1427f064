import { Aws, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ConfigurationError } from './settings/configuration-error.ts';

/** Services that send to the queue. Each needs permission to use the queue's key. */
export type Sender = 's3.amazonaws.com' | 'events.amazonaws.com' | 'sns.amazonaws.com';

/** A key of the stack's own for table and queues. It costs a dollar a month, and a price for each request. */
export function ownKey(scope: Construct, id: string, removalPolicy: RemovalPolicy): Key {
  return new Key(scope, id, {
    description: 'Ledger table and queues',
    enableKeyRotation: true,
    // Nobody can read the table without it.
    removalPolicy,
  });
}

/**
 * Allows a function to receive from the queue, to send to the dead-letter queue, and to use the table.
 *
 * Sources: SQS developer guide, "Key management"; DynamoDB developer guide, "Authorizing use of your customer managed
 * key".
 */
export function useOf(key: IKey): PolicyStatement {
  const actions = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
  return new PolicyStatement({ actions: actions.map((action) => `kms:${action}`), resources: [key.keyArn] });
}

/**
 * Allows a service that sends to the queue to use the queue's key.
 *
 * Without it, S3 silently drops messages that it cannot encrypt, or refuses the bucket's configuration at deployment.
 * Both are too late.
 *
 * @param ledger Path, for the error.
 * @throws ConfigurationError when the key's policy cannot be extended here: keys that AWS manages, and imported keys.
 */
export function admitSender(key: IKey, sender: Sender, ledger: string): void {
  const name = 'aliasName' in key ? String(key.aliasName) : key.keyArn;
  const { statementAdded } = name.startsWith('alias/aws/')
    ? { statementAdded: false }
    : key.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(sender)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          // In a key's policy this is the key itself.
          resources: ['*'],
          conditions: conditionsFor(sender, key),
        }),
      );
  if (statementAdded) return;
  const rule = `must be a key whose policy can be extended here, to admit ${sender}; an AWS-managed or imported key cannot`;
  throw new ConfigurationError([{ key: 'customerKey', value: name, rule }], { construct: ledger });
}

/**
 * EventBridge does not say for whom it uses a key, so a condition on the source would refuse it: AWS's own example has
 * none. What is encrypted is known: SQS names the queue in the encryption context.
 *
 * Sources: EventBridge User Guide, "Amazon SQS queues as targets", encrypted queues; SNS developer guide, "Key
 * management"; SQS developer guide, "Key management", encryption context.
 */
function conditionsFor(sender: Sender, key: IKey) {
  if (sender !== 'events.amazonaws.com') return { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
  const queues = Stack.of(key).formatArn({ service: 'sqs', resource: '*' });
  return { ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': queues } };
}
