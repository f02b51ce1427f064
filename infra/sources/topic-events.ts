import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

export interface TopicEventsProps {
  /** Topic that buckets already send their events to. */
  readonly topic: ITopic;
  readonly queue: Queue;
  /** Where messages go that SNS cannot deliver to the queue. */
  readonly deadLetterQueue: Queue;
}

/**
 * Subscribes the queue to a topic. Which events of which buckets arrive is the topic's own affair.
 *
 * Raw: SNS's envelope would add a third to each message, and says nothing that is recorded.
 */
export function subscribeToTopic({ topic, queue, deadLetterQueue }: TopicEventsProps): void {
  topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue }));
}
