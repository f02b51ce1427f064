import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { visibleText } from '../../shared/text.ts';
import { type Check, MAKE_ANEW, note, ok, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

/** Names in one call. Source: CloudWatch API reference, DescribeAlarms. */
const MAX_NAMES = 100;

/** Whether the stack's alarms exist, are quiet, and notify somebody. */
export const alarmsQuiet: Check = {
  name: 'alarms',
  needs: ['cloudwatch:DescribeAlarms', 'cloudformation:ListStackResources'],
  run: async (deployment) => {
    const resources = await deployment.resources('AWS::CloudWatch::Alarm');
    if (resources.length === 0)
      return wrong('the stack has no alarms: an older version deployed it', 'deploy this version: "npx cdk deploy"');
    const alarms = await alarmsNamed(
      resources.map(({ physicalId }) => physicalId),
      deployment,
    );
    const raised = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
    if (raised.length > 0)
      return wrong(`${raised.length} of ${resources.length} raised: ${raised.map(saying).join(' ')}`, adviceOf(raised));
    const missing = resources.length - alarms.length;
    if (missing > 0) return wrong(`${missing} of ${resources.length} were deleted`, MAKE_ANEW);
    const muted = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
    if (muted.length > 0) {
      return wrong(
        `the actions of ${muted.length} of ${resources.length} are switched off: nobody is told`,
        `switch them on: "aws cloudwatch enable-alarm-actions --alarm-names ${visibleText(muted[0]?.AlarmName ?? '')}"`,
      );
    }
    if (alarms.every(({ AlarmActions = [] }) => AlarmActions.length === 0)) {
      return note(
        `all quiet (${resources.length}), but they notify nobody`,
        'set "alarmEmails" or "alarmTopic" in cdk.json to be notified, then "npx cdk deploy"',
      );
    }
    return ok(`all quiet (${resources.length})`);
  },
};

async function alarmsNamed(names: readonly string[], { ledger }: Deployment): Promise<MetricAlarm[]> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await ledger.clients.cloudwatch();
  const found: MetricAlarm[] = [];
  for (let start = 0; start < names.length; start += MAX_NAMES) {
    const AlarmNames = names.slice(start, start + MAX_NAMES);
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames, MaxRecords: MAX_NAMES }));
    found.push(...MetricAlarms);
  }
  return found;
}

/**
 * An alarm's description says what is wrong, then the first commands, then an article of the runbook. The article says
 * when each command helps: dead letters that nobody can read are not redriven.
 */
const ADVICE = / First: .* More: (.+)$/;

function saying({ AlarmName = '', AlarmDescription = '' }: MetricAlarm): string {
  return visibleText(AlarmDescription.replace(ADVICE, '') || AlarmName);
}

function adviceOf(raised: readonly MetricAlarm[]): string {
  const articles = raised.flatMap(({ AlarmDescription = '' }) => ADVICE.exec(AlarmDescription)?.slice(1) ?? []);
  return articles.length > 0 ? `see ${articles.map(visibleText).join(', ')}` : 'look at the alarms in CloudWatch';
}
