import { type EmulatorApp, headerOf } from './edge.ts';

const TARGET_PREFIX = 'AmazonSQS.';
const MOVE_TASKS = new Set(['StartMessageMoveTask', 'CancelMessageMoveTask', 'ListMessageMoveTasks']);
const NAME_QUEUE_URLS = new Set(['CreateQueue', 'GetQueueUrl', 'ListQueues', 'ListDeadLetterSourceQueues']);

/**
 * Makes the emulator's queues usable as they are named.
 *
 * It names them `sqs.<region>.localhost`, which resolves on few machines: the answers name the endpoint instead. Message
 * move tasks, which it lacks, are refused by an error that says what to do.
 *
 * @param endpoint The server's address, known once it listens.
 * @param isClosing Whether long polls must no longer begin: they are answered at once instead.
 */
export function installQueueEdge(app: EmulatorApp, endpoint: () => string, isClosing: () => boolean): void {
  app.addHook('onRequest', (request, reply, done) => {
    const action = actionOf(headerOf(request.headers, 'x-amz-target'));
    if (action === undefined || !MOVE_TASKS.has(action)) {
      done();
      return;
    }
    reply.headers({
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': 'AWS.SimpleQueueService.UnsupportedOperation;Sender',
    });
    reply.code(400).send(JSON.stringify(moveTaskRefusal(action)));
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const isReceive = actionOf(headerOf(request.headers, 'x-amz-target')) === 'ReceiveMessage';
    if (isReceive && isClosing()) Object.assign(request.body as object, { WaitTimeSeconds: 0 });
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    const action = actionOf(headerOf(request.headers, 'x-amz-target'));
    const namesQueues = action !== undefined && NAME_QUEUE_URLS.has(action) && typeof payload === 'string';
    done(
      null,
      namesQueues ? payload.replaceAll(/http:\/\/sqs\.[^."/]+\.localhost(:\d+)?(?=\/)/g, endpoint()) : payload,
    );
  });
}

function actionOf(target: string | undefined): string | undefined {
  return target?.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : undefined;
}

function moveTaskRefusal(action: string) {
  return {
    __type: 'com.amazonaws.sqs#UnsupportedOperation',
    message:
      `The local stack does not implement ${action}: nothing was moved. ` +
      'Receive the messages of the dead-letter queue, send them to their source queue and delete them instead.',
  };
}
