import { Match } from 'aws-cdk-lib/assertions';
import { describe, it } from 'vitest';
import { synthesized } from './synthesized.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';

function keys(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}

describe('the table', () => {
  it('is paid for by request and keyed by object and upload', () => {
    synthesized().hasResourceProperties(TABLE, {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('s3_object', 'upload_id'),
    });
  });

  it('finds whole records by day and by uploader', () => {
    const Projection = { ProjectionType: 'ALL' };
    synthesized().hasResourceProperties(TABLE, {
      GlobalSecondaryIndexes: [
        { IndexName: 'by_day', KeySchema: keys('day_shard', 'timestamp'), Projection },
        { IndexName: 'by_uploader', KeySchema: keys('uploader_shard', 'timestamp'), Projection },
      ],
    });
  });

  it('can be recovered to any second, and cannot be deleted by mistake', () => {
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

  it('goes with the stack when it is told to', () => {
    const template = synthesized({ removalPolicy: 'destroy' });
    template.hasResourceProperties(TABLE, { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] });
    template.hasResource(TABLE, { DeletionPolicy: 'Delete' });
  });

  it('forgets records only when a retention is set', () => {
    synthesized().hasResourceProperties(TABLE, { TimeToLiveSpecification: Match.absent() });
    synthesized({ retentionDays: 30 }).hasResourceProperties(TABLE, {
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });
});
