import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type CfnGlobalTable,
  ProjectionType,
  type ReplicaTableProps,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLE } from '../src/contract/table.ts';
import { UploadLedgerError } from '../src/shared/errors.ts';

interface LedgerTableProps {
  readonly removalPolicy: RemovalPolicy;
  /** Whether DynamoDB counts the busiest keys. */
  readonly contributorInsights: boolean;
  /** Whether the table has a stream, for programs that follow new items. */
  readonly stream: boolean;
  /** @default DynamoDB's own */
  readonly encryptionKey: IKey | undefined;
}

/**
 * The ledger itself: one item an upload, found by object, by day or by uploader.
 *
 * A global table of one Region, which costs the same as a plain table: a replica can be added later without moving the
 * records. The indexes hold whole items: an item of less than 1 KB costs one write unit in an index however few of its
 * attributes are in it, and readers need no second query.
 *
 * Time to live is always on and costs nothing: items that have a time at which they expire would outlive a setting that
 * is taken back. A table that is kept is also kept when the first deployment fails, because its deletion protection
 * would stop the rollback.
 */
export class LedgerTable extends TableV2 {
  readonly #isEncrypted: boolean;

  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    const { removalPolicy, contributorInsights, stream, encryptionKey } = props;
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
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
      ...(contributorInsights && { contributorInsightsSpecification: { enabled: true } }),
      // A table with replicas needs both images, and the stream cannot be changed later.
      ...(stream && { dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }),
      timeToLiveAttribute: TABLE.timeToLive,
    });
    this.#isEncrypted = encryptionKey !== undefined;
    if (encryptionKey !== undefined) encryptUnder(encryptionKey, this.node.defaultChild as CfnGlobalTable);
  }

  /** @throws UploadLedgerError when the table is under a customer key: each Region needs a key of its own. */
  override addReplica(props: ReplicaTableProps): void {
    if (this.#isEncrypted) {
      throw new UploadLedgerError(
        'replica-under-key',
        `Expected no replica of "${this.node.path}", which is under a customer key: a replica needs a key of its own Region. Take customerKey out, or export the table to ${props.region} instead.`,
      );
    }
    super.addReplica(props);
  }
}

/** The CDK's own property needs a stack with a fixed Region. The only replica is the one in the stack's Region. */
function encryptUnder({ keyArn }: IKey, table: CfnGlobalTable): void {
  table.sseSpecification = { sseEnabled: true, sseType: 'KMS' };
  table.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: keyArn });
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}
