import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { identitiesOf } from '../../src/contract/email-settings.ts';
import { EMAIL_KEY_PATTERNS } from '../../src/contract/table.ts';
import { type Configuration, sendsEmail } from '../settings/configuration.ts';

/**
 * What sending digests and alerts needs; nothing when none is sent.
 *
 * In the table: only the items of email, not the records. In SES: only from the sender. Its verified identity can be
 * the address, its domain or a parent domain; the condition excludes other addresses of a domain. An identity can have
 * a default configuration set (SES's console makes one for the first), on which SES needs permission too; its name is
 * not known here.
 *
 * Sources: Amazon SES Developer Guide, "Identity and access management in Amazon SES"; DynamoDB developer guide, "Using
 * IAM policy conditions for fine-grained access control".
 */
export function emailPermissions(
  scope: Construct,
  table: Pick<ITable, 'tableArn'>,
  configuration: Configuration,
): PolicyStatement[] {
  const { emailSender, digests = [] } = configuration;
  if (emailSender === undefined || !sendsEmail(configuration)) return [];
  const arn = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({ service: 'ses', resource, resourceName });
  const identities = allowedIdentities(emailSender, configuration).map((name) => arn('identity', name));
  const reads = digests.length > 0 ? ['dynamodb:GetItem', 'dynamodb:Query'] : [];
  return [
    new PolicyStatement({
      actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', ...reads],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': EMAIL_KEY_PATTERNS } },
    }),
    new PolicyStatement({
      actions: ['ses:SendRawEmail'],
      resources: [...identities, arn('configuration-set', '*')],
      conditions: { StringEquals: { 'ses:FromAddress': emailSender } },
    }),
  ];
}

/** Of the sender. In the sandbox also of the recipients, on which SES needs permission there. */
function allowedIdentities(sender: string, { digests = [], alerts = [], sesSandbox }: Configuration): string[] {
  const recipients = sesSandbox ? [...digests, ...alerts].flatMap((each) => each.recipients) : [];
  return [...new Set([sender, ...recipients].flatMap(identitiesOf))];
}
