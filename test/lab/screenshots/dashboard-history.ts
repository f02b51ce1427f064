import {
  BATCH_METRICS,
  METRIC_NAMESPACE,
  RECORD_METRICS,
  RETRY_METRICS,
  UPLOAD_METRICS,
} from '../../../src/contract/metrics.ts';
import { OUTPUTS } from '../../../src/contract/outputs.ts';
import type { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';
import { MINUTE_MS } from '../../../src/shared/time.ts';

/** What happened in the last three hours. */
export type Situation = 'quiet' | 'burst' | 'backlog' | 'outage';

const MINUTES = 180;
const SHARES = { image: 0.5, document: 0.2, video: 0.12, data: 0.1, archive: 0.05, other: 0.03 };
const BYTES_OF_UPLOAD = { image: 2e6, document: 4e5, video: 3e7, data: 1e6, archive: 8e6, other: 2e5 };
/** Records that the function stores a minute at most, where it cannot keep up. */
const SLOW = 900;
/** Minutes before now. */
const OUTAGE = { from: 45, to: 0 };
const BURST = { at: 70, minutes: 12 };

/** A minute of the pipeline. */
interface Minute {
  readonly arrived: number;
  readonly stored: number;
  readonly waiting: number;
  /** Seconds. */
  readonly oldest: number;
  readonly isDown: boolean;
}

/** The minutes of a situation, oldest first: what arrives waits in the queue until it is stored. */
function minutesOf(situation: Situation): Minute[] {
  const random = seededRandom(11);
  let waiting = 0;
  let oldest = 0;
  return Array.from({ length: MINUTES }, (_, index) => {
    const back = MINUTES - index;
    const arrived = arrivals(situation, back, random());
    const isDown = situation === 'outage' && back <= OUTAGE.from && back > OUTAGE.to;
    const most = isDown ? 0 : situation === 'backlog' ? SLOW : 20_000;
    const stored = Math.min(most, waiting + arrived);
    waiting += arrived - stored;
    oldest = waiting === 0 ? 0 : oldest + (stored === 0 ? 60 : 25);
    return { arrived, stored, waiting, oldest, isDown };
  });
}

function arrivals(situation: Situation, back: number, random: number): number {
  if (situation === 'quiet') return random < 0.12 ? Math.ceil(random * 30) : 0;
  const usual = Math.round(30 + random * 25 + Math.sin(back / 9) * 12);
  const burst = Math.round(4000 * Math.exp(-(((back - BURST.at) / BURST.minutes) ** 2) * 2));
  return usual + (situation === 'outage' ? 0 : burst);
}

/** Puts the metrics of a situation into those of the stack, as if it had run for three hours until now. */
export function putHistory(stack: LocalStack, situation: Situation, now: number): void {
  const queueName = stack.queueUrl.split('/').at(-1) ?? '';
  const deadLetters = stack.deadLetterQueueUrl.split('/').at(-1) ?? '';
  const service = stack.resources.outputs[OUTPUTS.serviceName] ?? '';
  for (const [index, minute] of minutesOf(situation).entries()) {
    const timestamp = now - (MINUTES - 1 - index) * MINUTE_MS;
    const put =
      (sink: MetricSink, namespace: string, dimensions: Record<string, string>) =>
      (name: string, ...values: number[]) =>
        sink.put({ namespace, name, dimensions, unit: 'None', timestamp, values });
    const own = put(stack.metrics, METRIC_NAMESPACE, { service });
    putRecords(
      minute,
      (category) => put(stack.metrics, METRIC_NAMESPACE, { service, bucket: stack.bucketName, category }),
      own,
    );
    putQueue(minute, put(stack.serviceMetrics.sink, 'AWS/SQS', { QueueName: queueName }));
    putFunction(minute, put(stack.serviceMetrics.sink, 'AWS/Lambda', { FunctionName: stack.functionName }));
    const poison = situation === 'outage' && index > MINUTES - 100 ? 2 : 0;
    const ofDeadLetters = put(stack.serviceMetrics.sink, 'AWS/SQS', { QueueName: deadLetters });
    ofDeadLetters('ApproximateNumberOfMessagesVisible', poison);
    ofDeadLetters('ApproximateNumberOfMessagesNotVisible', 0);
  }
}

type Put = (name: string, ...values: number[]) => void;

function putRecords(
  { stored, waiting, oldest, isDown }: Minute,
  ofCategory: (category: string) => Put,
  own: Put,
): void {
  for (const [category, share] of Object.entries(SHARES)) {
    const uploads = Math.round(stored * share);
    if (uploads === 0) continue;
    const put = ofCategory(category);
    put(UPLOAD_METRICS.uploadsRecorded, uploads);
    put(UPLOAD_METRICS.uploadBytes, uploads * BYTES_OF_UPLOAD[category as keyof typeof BYTES_OF_UPLOAD]);
    const delay = 1200 + oldest * 1000;
    put(UPLOAD_METRICS.recordingDelay, delay * 0.8, delay, delay * 1.1, delay * 1.9);
  }
  if (stored > 0) own(RECORD_METRICS.uploads, stored);
  const batches = Math.ceil(stored / 100);
  if (batches > 0) own(BATCH_METRICS.messagesReceived, ...Array.from({ length: batches }, () => stored / batches));
  if (stored > 20) own(RECORD_METRICS.deletes, Math.floor(stored / 20));
  if (!isDown) return;
  own(BATCH_METRICS.messagesFailed, Math.min(waiting, 400));
  own(RETRY_METRICS.oldestRetriedMessageAge, oldest);
}

function putQueue({ stored, waiting, oldest, isDown }: Minute, put: Put): void {
  put('ApproximateNumberOfMessagesVisible', isDown ? waiting * 0.7 : waiting);
  put('ApproximateNumberOfMessagesNotVisible', isDown ? waiting * 0.3 : Math.min(stored, 100));
  put('ApproximateAgeOfOldestMessage', isDown ? Math.min(oldest, 300) : oldest);
  put('NumberOfMessagesDeleted', stored);
}

function putFunction({ stored, isDown }: Minute, put: Put): void {
  const invocations = isDown ? 4 : Math.ceil(stored / 100);
  if (invocations === 0) return;
  put('Invocations', invocations);
  put('Errors', 0);
  put('Throttles', 0);
  put('ConcurrentExecutions', Math.min(10, invocations));
  put('Duration', ...Array.from({ length: Math.min(invocations, 20) }, (_, at) => (isDown ? 20_000 : 90 + at * 6)));
}
