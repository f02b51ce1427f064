import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { alarmDefinitions } from '../../../infra/monitoring/alarm-definitions.ts';
import { LedgerAlarms } from '../../../infra/monitoring/ledger-alarms.ts';
import { LedgerMetrics } from '../../../infra/monitoring/ledger-metrics.ts';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import { appWithoutBundles } from '../synthesized.ts';

/** A template with every alarm that a ledger can have, and no other. */
export function everyAlarm(): Template {
  const app = appWithoutBundles();
  const ledger = new UploadLedger(new Stack(app, 'Ledger'), 'Uploads');
  const stack = new Stack(app, 'Alarms');
  const settings = { oldestMessageMinutes: 15, silenceHours: 6, sendsDigests: true };
  new LedgerAlarms(stack, 'Alarms', { definitions: alarmDefinitions(new LedgerMetrics(ledger), settings) });
  return Template.fromStack(stack);
}
