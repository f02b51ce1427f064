import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Configuration } from '../configuration.ts';
import { longestRetrySeconds } from '../upload-queue.ts';
import { alarmDefinitions } from './alarm-definitions.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { LedgerAlarms } from './ledger-alarms.ts';
import { LedgerDashboard } from './ledger-dashboard.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';

export interface LedgerMonitoringProps {
  readonly metrics: LedgerMetrics;
  readonly configuration: Configuration;
  /** @default as the configuration says */
  readonly alarmTopic: ITopic | undefined;
}

/** What people see of a ledger, and what wakes them: dashboard, alarms and the topic that tells of them. */
export class LedgerMonitoring extends Construct {
  readonly dashboard: Dashboard;
  /** Undefined when nobody is told. */
  readonly topic: ITopic | undefined;

  constructor(scope: Construct, id: string, { metrics, configuration, alarmTopic }: LedgerMonitoringProps) {
    super(scope, id);
    const { oldestMessageMinutes, silenceHours } = configuration;
    this.topic = alarmTopic ?? this.#topicFor(configuration);
    const { alarms } = new LedgerAlarms(this, 'Alarms', {
      definitions: alarmDefinitions(metrics, {
        oldestMessageMinutes,
        silenceHours,
        retrySeconds: longestRetrySeconds(configuration),
        sendsDigests: (configuration.digests ?? []).length > 0,
      }),
      ...(this.topic !== undefined && { action: new SnsAction(this.topic) }),
    });
    this.dashboard = new LedgerDashboard(this, 'Dashboard', { metrics, alarms });
  }

  #topicFor({ alarmTopicArn, alarmEmails }: Configuration): ITopic | undefined {
    if (alarmTopicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    return alarmEmails === undefined ? undefined : new AlarmTopic(this, 'Topic', { emails: alarmEmails });
  }
}
