import { Aws } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { TABLE } from '../src/contract/table.ts';

/** How the events are marked, for the rules of other services. */
const RECORDED_EVENT = { source: 'upload-ledger', detailType: 'UploadRecorded' } as const;

/** Entries of one PutEvents call. Source: EventBridge API reference, `PutEvents`. */
const MAX_BATCH_ENTRIES = 10;

interface RecordedEventsProps {
  readonly tableStreamArn: string;
  readonly bus: IEventBus;
  /** Of the table. @default DynamoDB's own */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Sends an event for each new record to an EventBridge bus, for other services.
 *
 * The event's detail is the stream's record, with `dynamodb.NewImage` in DynamoDB's JSON: an input template that picked
 * fields would have to escape keys that people choose. An equal record that is written again adds nothing to the
 * stream.
 */
export class RecordedEvents extends Construct {
  constructor(scope: Construct, id: string, { tableStreamArn, bus, encryptionKey }: RecordedEventsProps) {
    super(scope, id);
    // Source: EventBridge User Guide, "Cross-service confused deputy prevention".
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('pipes.amazonaws.com', { conditions }) });
    // Source: EventBridge User Guide, "Permissions for pipes". IAM has no resource for ListStreams.
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }));
    const reads = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
    role.addToPolicy(new PolicyStatement({ actions: reads, resources: [tableStreamArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
    if (encryptionKey !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] }));
    }
    const pipe = new CfnPipe(this, 'Pipe', {
      description: 'Sends events for new ledger records',
      roleArn: role.roleArn,
      source: tableStreamArn,
      sourceParameters: {
        dynamoDbStreamParameters: {
          startingPosition: 'LATEST',
          batchSize: MAX_BATCH_ENTRIES,
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
        },
        filterCriteria: { filters: [{ pattern: JSON.stringify(newRecords()) }] },
      },
      target: bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: RECORDED_EVENT.source, detailType: RECORDED_EVENT.detailType },
      },
    });
    pipe.node.addDependency(role);
  }
}

/** Inserts of ledger records: only these have the keys of an index. */
function newRecords() {
  const indexed = { [TABLE.byDay.partitionKey]: { S: [{ exists: true }] } };
  return { eventName: ['INSERT'], dynamodb: { NewImage: indexed } };
}
