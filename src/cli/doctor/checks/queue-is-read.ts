import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { visibleText } from '../../../shared/text.ts';
import { type Check, DEPLOY_AGAIN, type Diagnosis, ok, wrong } from '../check.ts';
import type { Deployment } from '../deployment.ts';

/** Whether Lambda reads the queue: the event source mapping is enabled, without a problem, and takes partial failures. */
export const queueIsRead: Check = {
  name: 'queue is read',
  needs: ['lambda:ListEventSourceMappings', 'sqs:GetQueueAttributes'],
  run: async (deployment) => {
    const mapping = await mappingOf(deployment);
    if (mapping === undefined)
      return wrong('no function reads the queue: its event source mapping is gone', DEPLOY_AGAIN);
    return diagnosisOf(mapping);
  },
};

async function mappingOf({ ledger, queue }: Deployment): Promise<EventSourceMappingConfiguration | undefined> {
  const { ListEventSourceMappingsCommand } = await import('@aws-sdk/client-lambda');
  const [client, { QueueArn }] = await Promise.all([ledger.clients.lambda(), queue()]);
  const { EventSourceMappings = [] } = await client.send(
    new ListEventSourceMappingsCommand({ EventSourceArn: QueueArn }),
  );
  return EventSourceMappings[0];
}

function diagnosisOf(mapping: EventSourceMappingConfiguration): Diagnosis {
  const { UUID, State = 'in an unknown state', StateTransitionReason, LastProcessingResult = '' } = mapping;
  if (!['Enabled', 'Enabling', 'Creating', 'Updating'].includes(State)) {
    const reason = StateTransitionReason === undefined ? '' : ` (${visibleText(StateTransitionReason)})`;
    return wrong(
      `the event source mapping is ${State}${reason}: uploads wait in the queue`,
      `enable it: "aws lambda update-event-source-mapping --uuid ${UUID} --enabled"`,
    );
  }
  if (/problem|error/i.test(LastProcessingResult)) {
    return wrong(
      `Lambda cannot read the queue: ${visibleText(LastProcessingResult)}`,
      `${DEPLOY_AGAIN}; the function's role must be allowed to receive from the queue`,
    );
  }
  if (!mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures')) {
    return wrong('one failed message brings back its whole batch: ReportBatchItemFailures is off', DEPLOY_AGAIN);
  }
  return ok(`in batches of up to ${mapping.BatchSize}`);
}
