import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

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
