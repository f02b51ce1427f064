import { type Check, DEPLOY_AGAIN, ok, wrong } from '../check.ts';

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount?: number | string;
}

interface RedriveAllowPolicy {
  readonly redrivePermission?: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns?: readonly string[];
}

/** Receives below which a short throttling brings good messages to the dead-letter queue. Source: Lambda developer guide, SQS. */
const LEAST_RECEIVES = 5;

/** Whether what fails again and again goes to the dead-letter queue, and that queue takes it. */
export const redrivePolicy: Check = {
  name: 'redrive policy',
  needs: ['sqs:GetQueueAttributes'],
  run: async ({ queue, deadLetters }) => {
    const [uploads, letters] = await Promise.all([queue(), deadLetters()]);
    const { deadLetterTargetArn, maxReceiveCount }: RedrivePolicy = JSON.parse(uploads.RedrivePolicy ?? '{}');
    if (deadLetterTargetArn === undefined || deadLetterTargetArn !== letters.QueueArn) {
      const now = deadLetterTargetArn === undefined ? 'nowhere' : `to ${deadLetterTargetArn}`;
      return wrong(`messages that keep failing go ${now} instead of to the dead-letter queue`, DEPLOY_AGAIN);
    }
    const allowed: RedriveAllowPolicy = JSON.parse(letters.RedriveAllowPolicy ?? '{}');
    const { redrivePermission = 'allowAll', sourceQueueArns = [] } = allowed;
    const takes =
      redrivePermission === 'allowAll' ||
      (redrivePermission === 'byQueue' && sourceQueueArns.includes(uploads.QueueArn ?? ''));
    if (!takes) return wrong('the dead-letter queue does not take messages from the queue', DEPLOY_AGAIN);
    const receives = Number(maxReceiveCount);
    if (receives < LEAST_RECEIVES) {
      return wrong(`messages go to the dead-letter queue after only ${receives} receives`, DEPLOY_AGAIN);
    }
    return ok(`messages go to the dead-letter queue after ${receives} receives`);
  },
};
