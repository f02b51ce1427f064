import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type CfnGlobalTable,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLE } from '../src/contract/table.ts';

export interface LedgerTableProps {
  readonly removalPolicy: 'retain' | 'destroy';
  /** Whether DynamoDB counts the busiest keys. */
  readonly contributorInsights: boolean;
  /** Whether others follow new items through the table's stream. */
  readonly stream: boolean;
  /** @default DynamoDB's own */
  readonly encryptionKey: IKey | undefined;
  /** Whether items carry the time at which they expire: records with a retention, and what email is made of. */
  readonly itemsExpire: boolean;
}

/**
 * The ledger itself: one item an upload, found by object, by day or by uploader.
 *
 * A global table of one Region, which costs what a plain table costs: a replica can be added without moving the records, which
 * a plain table does not allow. The indexes hold whole items: an item of less than 1 KB costs one write unit
 * in an index however few of its attributes are in it, and readers need no second look-up.
 */
export class LedgerTable extends TableV2 {
  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    const { removalPolicy, itemsExpire, contributorInsights, stream, encryptionKey } = props;
    super(scope, id, {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      billing: Billing.onDemand(),
      globalSecondaryIndexes: [TABLE.byDay, TABLE.byUploader].map((index) => ({
        indexName: index.indexName,
        partitionKey: text(index.partitionKey),
        sortKey: text(index.sortKey),
        projectionType: ProjectionType.ALL,
      })),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === 'retain',
      removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(contributorInsights && { contributorInsightsSpecification: { enabled: true } }),
      ...(stream && { dynamoStream: StreamViewType.NEW_IMAGE }),
      ...(itemsExpire && { timeToLiveAttribute: TABLE.timeToLive }),
    });
    if (encryptionKey !== undefined) encryptUnder(encryptionKey, this.node.defaultChild as CfnGlobalTable);
  }
}

/** The CDK's own way asks for a stack of one named Region. The only replica is the one of the stack's Region, whatever that is. */
function encryptUnder({ keyArn }: IKey, table: CfnGlobalTable): void {
  table.sseSpecification = { sseEnabled: true, sseType: 'KMS' };
  table.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: keyArn });
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}

/** What the command line and the console call to look records up: no write, no other table. */
const READS = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'];

/** Lets `grantee` read the table and its indexes. The indexes' names are all that a wildcard stands for. */
export function grantRead(table: TableV2, encryptionKey: IKey | undefined, grantee: IGrantable): Grant {
  encryptionKey?.grantDecrypt(grantee);
  return Grant.addToPrincipal({
    grantee,
    actions: READS,
    resourceArns: [table.tableArn, `${table.tableArn}/index/*`],
  });
}
