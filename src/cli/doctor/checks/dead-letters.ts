import { formatCount } from '../../../shared/format.ts';
import { type Check, ok, wrong } from '../check.ts';

/** Whether the dead-letter queue is empty. The counts are approximate, as SQS gives them. */
export const deadLettersCheck: Check = {
  name: 'dead letters',
  needs: ['sqs:GetQueueAttributes'],
  run: async ({ deadLetters }) => {
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } =
      await deadLetters();
    const count = Number(waiting ?? 0) + Number(inFlight ?? 0);
    if (count === 0) return ok('none');
    return wrong(
      `${formatCount(count)} could not be recorded; SQS deletes each 14 days after it was first sent`,
      'see why with "upload-ledger dlq list", then "upload-ledger dlq redrive"',
    );
  },
};
