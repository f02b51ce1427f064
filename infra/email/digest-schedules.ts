import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { digestTickInput } from '../../src/contract/digest-tick.ts';
import type { DigestProps } from '../email-props.ts';

/** Of a tick that the queue does not accept. The next tick covers the same time, so an old one has no value. */
const RETRIES = { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 60 } as const;

interface DigestSchedulesProps {
  readonly digests: readonly DigestProps[];
  /** The uploads queue: ticks arrive between the notifications. */
  readonly queue: IQueue;
  /** For ticks that could not be delivered: the alarm on dead letters reports them. */
  readonly deadLetterQueue: IQueue;
  /** Of the queues. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  /** The function that handles ticks. */
  readonly consumer: IConstruct;
}

/** A schedule for each digest, in a group of their own, and a role that may send to the two queues and nothing else. */
export class DigestSchedules extends Construct {
  constructor(scope: Construct, id: string, props: DigestSchedulesProps) {
    super(scope, id);
    const { digests, queue, deadLetterQueue, consumer } = props;
    const group = new CfnScheduleGroup(this, 'Group');
    const role = schedulerRole(this, group, props);
    for (const { name, schedule: expression, timeZone = 'UTC' } of digests) {
      // The prefix keeps the names of digests apart from the other ids here.
      const schedule = new CfnSchedule(this, `Schedule-${name}`, {
        name,
        description: `Digest ${name} of uploads`,
        groupName: group.ref,
        scheduleExpression: expression,
        scheduleExpressionTimezone: timeZone,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: queue.queueArn,
          roleArn: role.roleArn,
          input: digestTickInput(name),
          retryPolicy: RETRIES,
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
        },
      });
      // A function of before would not understand the tick of now.
      schedule.node.addDependency(consumer);
      // EventBridge Scheduler checks the role when it creates a schedule, so the permissions must exist.
      schedule.node.addDependency(role);
    }
  }
}

/** A group is the narrowest source. Source: EventBridge Scheduler user guide, "Confused deputy prevention". */
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
