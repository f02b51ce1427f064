import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { visibleText } from '../../shared/text.ts';
import { type Check, DEPLOY_AGAIN, note, ok, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

/** Names that CloudWatch looks up at once. Source: CloudWatch API reference, DescribeAlarms. */
const NAMES_A_CALL = 100;

/** Whether the stack's alarms are there, quiet, and heard by somebody. */
export const alarmsQuiet: Check = {
  name: 'alarms',
  needs: ['cloudwatch:DescribeAlarms', 'cloudformation:ListStackResources'],
  run: async (deployment) => {
    const parts = await deployment.parts('AWS::CloudWatch::Alarm');
    if (parts.length === 0) return wrong('the stack has no alarm', DEPLOY_AGAIN);
    const alarms = await alarmsNamed(
      parts.map(({ physicalId }) => physicalId),
      deployment,
    );
    const raised = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
    if (raised.length > 0)
      return wrong(`${raised.length} of ${parts.length} raised: ${raised.map(saying).join(' ')}`, adviceOf(raised));
    const missing = parts.length - alarms.length;
    if (missing > 0) return wrong(`${missing} of ${parts.length} were deleted`, DEPLOY_AGAIN);
    const muted = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
    if (muted.length > 0) {
      return wrong(
        `the actions of ${muted.length} of ${parts.length} are switched off: nobody is told`,
        `switch them on: "aws cloudwatch enable-alarm-actions --alarm-names ${visibleText(muted[0]?.AlarmName ?? '')}"`,
      );
    }
    if (alarms.every(({ AlarmActions = [] }) => AlarmActions.length === 0)) {
      return note(`all ${parts.length} are quiet, and tell nobody`, 'set "alarmEmails" or "alarmTopicArn" to be told');
    }
    return ok(`all ${parts.length} are quiet`);
  },
};

async function alarmsNamed(names: readonly string[], { ledger }: Deployment): Promise<MetricAlarm[]> {
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await ledger.clients.cloudwatch();
  const found: MetricAlarm[] = [];
  for (let start = 0; start < names.length; start += NAMES_A_CALL) {
    const AlarmNames = names.slice(start, start + NAMES_A_CALL);
    const { MetricAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({ AlarmNames, MaxRecords: NAMES_A_CALL }),
    );
    found.push(...MetricAlarms);
  }
  return found;
}

/** Our alarms' descriptions are one sentence on what is the matter, and one that names an article of the runbook. */
const ADVICE = / What to do: (\S+)$/;

function saying({ AlarmName = '', AlarmDescription = '' }: MetricAlarm): string {
  return visibleText(AlarmDescription.replace(ADVICE, '') || AlarmName);
}

function adviceOf(raised: readonly MetricAlarm[]): string {
  const articles = raised.flatMap(({ AlarmDescription = '' }) => ADVICE.exec(AlarmDescription)?.slice(1) ?? []);
  return articles.length > 0 ? `see ${articles.map(visibleText).join(', ')}` : 'look at the alarms in CloudWatch';
}
