import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { lazySesClient } from './clients.ts';
import type { EmailConfig } from './config.ts';
import { type FinishBatch, openEmailPart } from './finish-with-email.ts';
import { openSesMail } from './ses-mail.ts';
import type { Telemetry } from './telemetry.ts';

export interface EmailOptions {
  readonly config: EmailConfig;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly telemetry: Telemetry;
}

/**
 * The part of the consumer that only stacks with digests or alerts load, with its way to SES.
 *
 * @throws {AlertRulesError}
 */
export function openEmail({ config, client, tableName, telemetry }: EmailOptions): FinishBatch {
  const { sender, alerts } = config;
  const mail = openSesMail({ client: lazySesClient(), sender, log: telemetry.log });
  return openEmailPart({ client, tableName, mail, telemetry, ...(alerts !== undefined && { alerts }) });
}
