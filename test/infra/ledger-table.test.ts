import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { UploadLedger } from '../../infra/upload-ledger.ts';
import type { UploadLedgerProps } from '../../infra/upload-ledger-props.ts';
import { appWithoutBundles, synthesized } from './synthesized.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';

function keys(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}

describe('the table', () => {
  it('is billed on demand, with a key of object and upload', () => {
    synthesized().hasResourceProperties(TABLE, {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('s3_object', 'upload_id'),
    });
  });

  it('has an index by day and one by uploader, of whole records', () => {
    const Projection = { ProjectionType: 'ALL' };
    synthesized().hasResourceProperties(TABLE, {
      GlobalSecondaryIndexes: [
        { IndexName: 'by_day', KeySchema: keys('day_shard', 'timestamp'), Projection },
        { IndexName: 'by_uploader', KeySchema: keys('uploader_shard', 'timestamp'), Projection },
      ],
    });
  });

  it('has point-in-time recovery and deletion protection', () => {
    const template = synthesized();
    template.hasResourceProperties(TABLE, {
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
    template.hasResource(TABLE, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  it('is deleted with the stack when removalPolicy is destroy', () => {
    const template = synthesized({ removalPolicy: 'destroy' });
    template.hasResourceProperties(TABLE, { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] });
    template.hasResource(TABLE, { DeletionPolicy: 'Delete' });
  });

  it.each([{}, { retentionDays: 30 }])('always lets items expire that have a time for it, also with %j', (settings) => {
    synthesized(settings).hasResourceProperties(TABLE, {
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });

  it('takes replicas, also where its stream is read', () => {
    const { stack, ledger } = inRegion({ recordedEventsBus: 'default' });
    ledger.table.addReplica({ region: 'eu-central-1' });
    Template.fromStack(stack).hasResourceProperties(TABLE, {
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [Match.objectLike({ Region: 'eu-central-1' }), Match.objectLike({ Region: 'eu-west-1' })],
    });
  });

  it('takes no replica under a customer key, which is of one Region', () => {
    const { ledger } = inRegion({ customerKey: true });
    expect(() => ledger.table.addReplica({ region: 'eu-central-1' })).toThrow(
      /Expected no replica of "Theirs\/Uploads\/Table", which is under a customer key/,
    );
  });
});

function inRegion(props: UploadLedgerProps) {
  const env = { region: 'eu-west-1', account: '111122223333' };
  const stack = new Stack(appWithoutBundles(), 'Theirs', { env });
  return { stack, ledger: new UploadLedger(stack, 'Uploads', props) };
}
