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

  it('expires records only when a retention is set', () => {
    synthesized().hasResourceProperties(TABLE, { TimeToLiveSpecification: Match.absent() });
    synthesized({ retentionDays: 30 }).hasResourceProperties(TABLE, {
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });
});
