import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { digestTickInput } from '../../src/contract/digest-tick.ts';
import type { DigestProps } from '../settings/email-settings.ts';

/**
 * Seconds and attempts for which a tick that the queue does not take is tried again. The next one tells the same and more, so that
 * an old one is worth nothing.
 */
const RETRIES = { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 60 } as const;

export interface DigestSchedulesProps {
  readonly digests: readonly DigestProps[];
  /** The queue that the consumer reads: ticks arrive among the uploads. */
  readonly queue: IQueue;
  /** Where a tick goes that could not be delivered, so that the alarm on dead letters tells of it. */
  readonly deadLetterQueue: IQueue;
  /** Of the queues. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
}

/** A schedule for each digest, in a group of their own, and the role by which they may send to the two queues and nothing else. */
export class DigestSchedules extends Construct {
  constructor(scope: Construct, id: string, props: DigestSchedulesProps) {
    super(scope, id);
    const { digests, queue, deadLetterQueue } = props;
    const group = new CfnScheduleGroup(this, 'Group');
    const role = schedulerRole(this, group, props);
    for (const digest of digests) {
      // A digest may be called as something else here is.
      const schedule = new CfnSchedule(this, `Schedule-${digest.name}`, {
        name: digest.name,
        description: `Digest ${digest.name} of uploads`,
        groupName: group.ref,
        scheduleExpression: digest.schedule,
        scheduleExpressionTimezone: digest.timeZone ?? 'UTC',
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: queue.queueArn,
          roleArn: role.roleArn,
          input: digestTickInput(withoutSchedule(digest)),
          retryPolicy: RETRIES,
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
        },
      });
      // Scheduler tries the role when the schedule is made: its permissions must be there.
      schedule.node.addDependency(role);
    }
  }
}

/** Source: EventBridge Scheduler user guide, "Confused deputy prevention": a group is the narrowest source that works. */
function schedulerRole(scope: Construct, group: CfnScheduleGroup, props: DigestSchedulesProps): Role {
  const { queue, deadLetterQueue, encryptionKey } = props;
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID, 'aws:SourceArn': group.attrArn } },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn, deadLetterQueue.queueArn] }),
  );
  if (encryptionKey !== undefined) {
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
    role.addToPolicy(new PolicyStatement({ actions, resources: [encryptionKey.keyArn] }));
  }
  return role;
}

function withoutSchedule({ schedule: _, ...settings }: DigestProps) {
  return settings;
}
