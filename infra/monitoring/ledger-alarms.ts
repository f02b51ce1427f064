import { Alarm, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmDefinition } from './alarm-definitions.ts';
import { runbookArticle } from './runbook.ts';

export interface LedgerAlarmsProps {
  readonly definitions: readonly AlarmDefinition[];
  /** Whom to tell when an alarm is raised, and when it is over. @default nobody */
  readonly action?: IAlarmAction;
}

/** The alarms, each of which names the article of the runbook that says what to do. */
export class LedgerAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { definitions, action }: LedgerAlarmsProps) {
    super(scope, id);
    this.alarms = definitions.map((definition) => this.#make(definition));
    if (action === undefined) return;
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  #make({ id, says, metric, threshold, operator, periods, missing }: AlarmDefinition): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${says} What to do: ${runbookArticle(id)}`,
      metric,
      threshold,
      comparisonOperator: operator,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
  }
}
