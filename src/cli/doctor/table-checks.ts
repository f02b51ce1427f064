import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { type Check, type Diagnosis, note, ok, REVERT_DRIFT, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

const INDEXES = [TABLE.byDay.indexName, TABLE.byUploader.indexName];

/** Whether the table and its indexes are ready. */
export const tableReady: Check = {
  name: 'table',
  needs: ['dynamodb:DescribeTable'],
  run: async (deployment) => readiness(await describeTable(deployment)) ?? ok('ready, with both indexes'),
};

/** Whether records could be restored, and the table is not easily deleted by mistake. */
export const tableSafe: Check = {
  name: 'table is safe',
  needs: ['dynamodb:DescribeTable', 'dynamodb:DescribeContinuousBackups'],
  run: async (deployment) => {
    const { tableName } = deployment.ledger.resources;
    const [{ DeletionProtectionEnabled }, recovers] = await Promise.all([
      describeTable(deployment),
      hasRecovery(deployment),
    ]);
    if (!recovers) {
      return wrong(
        'point-in-time recovery is off: records that are lost stay lost',
        `switch it on: "aws dynamodb update-continuous-backups --table-name ${tableName} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"`,
      );
    }
    if (DeletionProtectionEnabled === true) return ok('point-in-time recovery and deletion protection are on');
    return note(
      'point-in-time recovery is on, deletion protection is off',
      `right with the setting removalPolicy=destroy; otherwise switch it on: "aws dynamodb update-table --table-name ${tableName} --deletion-protection-enabled"`,
    );
  },
};

async function describeTable({ ledger }: Deployment): Promise<TableDescription> {
  const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await ledger.clients.dynamodb();
  const { Table = {} } = await client.send(new DescribeTableCommand({ TableName: ledger.resources.tableName }));
  return Table;
}

async function hasRecovery({ ledger }: Deployment): Promise<boolean> {
  const { DescribeContinuousBackupsCommand } = await import('@aws-sdk/client-dynamodb');
  const client = await ledger.clients.dynamodb();
  const command = new DescribeContinuousBackupsCommand({ TableName: ledger.resources.tableName });
  const { ContinuousBackupsDescription: backups } = await client.send(command);
  return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
}

function readiness({ TableStatus, GlobalSecondaryIndexes = [] }: TableDescription): Diagnosis | undefined {
  if (TableStatus !== 'ACTIVE' && TableStatus !== 'UPDATING') {
    return wrong(`the table is ${TableStatus}`, 'look at it in the DynamoDB console');
  }
  for (const name of INDEXES) {
    const index = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);
    if (index === undefined) return wrong(`the index ${name} is gone: look-ups fail`, REVERT_DRIFT);
    if (index.IndexStatus !== 'ACTIVE' && index.IndexStatus !== 'UPDATING') {
      return note(`the index ${name} is ${index.IndexStatus}`, 'wait: look-ups are not complete until it is ACTIVE');
    }
  }
  return undefined;
}
