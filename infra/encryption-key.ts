import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ConfigurationError } from './settings/configuration-error.ts';

/** Services that send to the queue, any of which is useless when it may not use the queue's key. */
const SENDERS = ['s3.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com'] as const;
export type Sender = (typeof SENDERS)[number];

/** A key of the stack's own for table and queues. AWS asks a dollar a month for it, and for each batch of requests. */
export function ownKey(scope: Construct, id: string, removalPolicy: 'retain' | 'destroy'): Key {
  return new Key(scope, id, {
    description: 'Ledger table and queues',
    enableKeyRotation: true,
    // What is encrypted under a key is lost with it.
    removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

/**
 * What a function needs of the key to read from the queue, to send to the dead-letter queue, and to use the table.
 *
 * Sources: SQS developer guide, "Key management"; DynamoDB developer guide, "Authorizing use of your customer managed key".
 */
export function useOf(key: IKey): PolicyStatement {
  const actions = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];
  return new PolicyStatement({ actions: actions.map((action) => `kms:${action}`), resources: [key.keyArn] });
}

/**
 * Lets a service that sends to the queue use the queue's key.
 *
 * A message that S3 cannot encrypt is dropped in silence, or S3 refuses the bucket's configuration at deployment: both too late.
 *
 * @throws ConfigurationError when the key's policy cannot be extended here: keys that AWS manages, and imported keys.
 */
export function admitSender(key: IKey, sender: Sender): void {
  const name = 'aliasName' in key ? String(key.aliasName) : key.keyArn;
  const { statementAdded } = name.startsWith('alias/aws/')
    ? { statementAdded: false }
    : key.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(sender)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          // In a key's policy this is the key itself.
          resources: ['*'],
          conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        }),
      );
  if (statementAdded) return;
  const rule = `must be a key whose policy can be extended here, to admit ${sender}; an AWS-managed or imported key cannot`;
  throw new ConfigurationError([{ key: 'encryptionKey', value: name, rule }]);
}
