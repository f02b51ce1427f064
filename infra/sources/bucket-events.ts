import { type EventPattern, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type EventPatternProps, eventPatterns } from './event-patterns.ts';

export interface BucketEventsProps extends EventPatternProps {
  /** Queue that hears of the uploads. Its policy is extended to admit the rules and nothing else. */
  readonly queue: Queue;
  /** Where events go that EventBridge cannot deliver to the queue within a day. */
  readonly deadLetterQueue: Queue;
}

/**
 * Rules that bring the events of buckets to the queue, on the account's default bus. Nothing of the buckets is touched: each must
 * send its events to EventBridge already, which is a switch of the bucket's own.
 */
export class BucketEvents extends Construct {
  constructor(scope: Construct, id: string, props: BucketEventsProps) {
    super(scope, id);
    const patterns = eventPatterns(props);
    const rules = patterns.map((pattern, index) => this.#rule(pattern, index === 0 ? '' : `${index + 1}`, props));
    const arns = rules.map(({ ruleArn }) => ruleArn);
    for (const queue of [props.queue, props.deadLetterQueue]) queue.addToResourcePolicy(sendStatement(queue, arns));
  }

  #rule(eventPattern: EventPattern, number: string, { queue, deadLetterQueue }: BucketEventsProps): Rule {
    // The CDK's own target grants more than sending.
    const target: IRuleTarget = {
      bind: () => ({ arn: queue.queueArn, deadLetterConfig: { arn: deadLetterQueue.queueArn } }),
    };
    return new Rule(this, `Rule${number}`, {
      description: 'Uploads for the ledger',
      eventPattern,
      targets: [target],
    });
  }
}

/** Source: EventBridge User Guide, "Using resource-based policies", Amazon SQS permissions. */
function sendStatement(queue: Queue, ruleArns: string[]): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': ruleArns } },
  });
}
