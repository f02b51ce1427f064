import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { RECORDED_EVENT } from '../src/contract/recorded-event.ts';
import { TABLE } from '../src/contract/table.ts';

export interface RecordedEventsProps {
  readonly tableStreamArn: string;
  readonly bus: IEventBus;
  /** Of the table. @default DynamoDB's own */
  readonly encryptionKey: IKey | undefined;
}

/** Entries of one PutEvents call. Source: EventBridge API reference, `PutEvents`. */
const BATCH = 10;

/**
 * Tells a bus of each new record, so that other services can follow uploads without being wired to this one.
 *
 * The event's detail is the stream's own record, `dynamodb.NewImage` in DynamoDB's JSON: a template that picked fields out of it
 * would have to quote keys that people have chosen. A record that is written again with equal values leaves nothing in the stream.
 */
export class RecordedEvents extends Construct {
  constructor(scope: Construct, id: string, { tableStreamArn, bus, encryptionKey }: RecordedEventsProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('pipes.amazonaws.com') });
    // Source: EventBridge User Guide, "Permissions for pipes". IAM knows no resource for ListStreams: it is allowed on all or none.
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }));
    const reads = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
    role.addToPolicy(new PolicyStatement({ actions: reads, resources: [tableStreamArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
    if (encryptionKey !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] }));
    }
    const pipe = new CfnPipe(this, 'Pipe', {
      description: 'Tells of new ledger records',
      roleArn: role.roleArn,
      source: tableStreamArn,
      sourceParameters: {
        dynamoDbStreamParameters: {
          startingPosition: 'LATEST',
          batchSize: BATCH,
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

/** Inserts of ledger records: no other item of the table stands in an index. */
function newRecords() {
  const indexed = { [TABLE.byDay.partitionKey]: { S: [{ exists: true }] } };
  return { eventName: ['INSERT'], dynamodb: { NewImage: indexed } };
}
