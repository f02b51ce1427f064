import { LIMITS } from '../contract/limits.ts';
import { BATCH_METRICS, EMAIL_METRICS, RECORD_METRICS, UPLOAD_METRICS } from '../contract/metrics.ts';
import { DAY_SECONDS } from '../shared/time.ts';
import {
  BATCH_WAIT_MS,
  DAYS_A_MONTH,
  HEAD_WAIT_MS,
  HEADS_AT_A_TIME,
  IDLE_POLLS_A_SECOND,
  MEASURED,
  MEMORY_OF_ONE_CPU,
  PRICES,
  PUT_EVENTS_WAIT_MS,
  STREAM_SHARDS,
  type Workload,
} from './prices.ts';
import type { StackFacts } from './stack-facts.ts';

/** One thing that is paid for. */
interface CostLine {
  readonly service: string;
  readonly item: string;
  /** How many of it a month. */
  readonly quantity: number;
  /** US dollars a month. */
  readonly dollars: number;
}

const GB = 1e9;
const HOURS_A_DAY = 24;
const UNIT_BYTES = 1_024;
/** Added by DynamoDB to each item that it stores. Source: DynamoDB developer guide, "Item sizes and formats". */
const ITEM_OVERHEAD = 100;

/** What a month costs, line by line. Without S3 itself, and the uploads' own requests. */
export function estimateCost(facts: StackFacts, workload: Workload): CostLine[] {
  const batches = countBatches(facts, workload);
  const ticks = facts.digests.reduce((sum, due) => sum + due, 0);
  return [
    ...queueLines(facts, workload, batches, ticks),
    ...functionLines(facts, workload, batches, ticks),
    ...tableLines(facts, workload, batches, ticks),
    ...eventLines(facts, workload, batches),
    ...watchLines(facts, workload, batches, ticks),
    ...emailLines(facts, workload, ticks),
  ];
}

/** The first message opens a batch; all that arrive within its window join it. */
function countBatches(
  { batchSize, batchWindowSeconds }: StackFacts,
  { uploadsPerMonth, hoursPerDay }: Workload,
): number {
  const seconds = DAYS_A_MONTH * DAY_SECONDS * (hoursPerDay / HOURS_A_DAY);
  const messages = Math.min(batchSize, 1 + (uploadsPerMonth / seconds) * batchWindowSeconds);
  return uploadsPerMonth / messages;
}

function line(service: string, item: string, quantity: number, price: number): CostLine {
  return { service, item, quantity, dollars: quantity * price };
}

function queueLines(facts: StackFacts, { uploadsPerMonth }: Workload, batches: number, ticks: number): CostLine[] {
  const perBatch = batches === 0 ? 0 : Math.max(1, uploadsPerMonth / batches / LIMITS.sqs.batchEntries);
  const idle = DAYS_A_MONTH * DAY_SECONDS * IDLE_POLLS_A_SECOND;
  return [
    line('SQS', 'messages sent', uploadsPerMonth + ticks, PRICES.sqs.request),
    line('SQS', 'receives and deletes', 2 * (batches * perBatch + ticks), PRICES.sqs.request),
    line('SQS', 'idle polling', idle, PRICES.sqs.request),
    ...(facts.throughEventBridge ? [line('EventBridge', 'S3 events', uploadsPerMonth, PRICES.eventbridge.event)] : []),
    ...webhookLines(facts, uploadsPerMonth),
  ];
}

/** As if each webhook got every upload, which its conditions make fewer. */
function webhookLines({ webhooks }: StackFacts, uploadsPerMonth: number): CostLine[] {
  if (webhooks === 0) return [];
  return [line('EventBridge', 'requests to webhooks', webhooks * uploadsPerMonth, PRICES.eventbridge.apiDestination)];
}

function functionLines(facts: StackFacts, { uploadsPerMonth }: Workload, batches: number, ticks: number): CostLine[] {
  const { memoryMb, readsMetadata } = facts;
  const invocations = batches + ticks;
  const slowdown = Math.max(1, MEMORY_OF_ONE_CPU / memoryMb);
  const heads = readsMetadata ? uploadsPerMonth : 0;
  const headWaits = readsMetadata && batches > 0 ? batches * Math.ceil(uploadsPerMonth / batches / HEADS_AT_A_TIME) : 0;
  const cpuMs = invocations * MEASURED.batchCpuMs + uploadsPerMonth * MEASURED.uploadCpuMs + heads * MEASURED.headCpuMs;
  const seconds = (cpuMs * slowdown + invocations * BATCH_WAIT_MS + headWaits * HEAD_WAIT_MS) / 1_000;
  return [
    ...(readsMetadata ? [line('S3', 'HeadObject, for the uploader', heads, PRICES.s3.headObject)] : []),
    line('Lambda', 'invocations', invocations, PRICES.lambda.request),
    line('Lambda', 'GB-seconds', seconds * (memoryMb / 1_024), PRICES.lambda.gbSecond),
  ];
}

function tableLines(facts: StackFacts, { uploadsPerMonth }: Workload, batches: number, ticks: number): CostLine[] {
  const records = uploadsPerMonth * facts.writesPerRecord;
  const units = Math.ceil(MEASURED.recordBytes / UNIT_BYTES);
  const stored = (records * (MEASURED.recordBytes + ITEM_OVERHEAD)) / GB;
  const summaries = facts.sendsEmail ? batches : 0;
  return [
    line('DynamoDB', 'writes of records and indexes', records * units, PRICES.dynamodb.writeUnit),
    ...(facts.sendsEmail ? [line('DynamoDB', 'writes of summaries', summaries, PRICES.dynamodb.writeUnit)] : []),
    // Each digest reads each summary once, 4 KB a unit.
    ...(ticks > 0
      ? [line('DynamoDB', 'reads of digests', summaries * facts.digests.length + 2 * ticks, PRICES.dynamodb.readUnit)]
      : []),
    line('DynamoDB', "GB stored of one month's records", stored, PRICES.dynamodb.storedGb),
    line('DynamoDB', 'GB of point-in-time recovery', stored / facts.writesPerRecord, PRICES.dynamodb.backedUpGb),
  ];
}

/** Reading the stream costs nothing where Lambda does it. Source: aws.amazon.com/dynamodb/pricing/on-demand, Streams. */
function eventLines({ publisherMemoryMb }: StackFacts, { uploadsPerMonth }: Workload, batches: number): CostLine[] {
  if (publisherMemoryMb === undefined) return [];
  const { invocations, calls } = countPublishing(uploadsPerMonth, batches);
  const slowdown = Math.max(1, MEMORY_OF_ONE_CPU / publisherMemoryMb);
  const seconds = (calls * (MEASURED.putEventsCpuMs * slowdown + PUT_EVENTS_WAIT_MS)) / 1_000;
  return [
    line('EventBridge', 'events of records', uploadsPerMonth, PRICES.eventbridge.event),
    line('Lambda', 'invocations of the publisher', invocations, PRICES.lambda.request),
    line('Lambda', 'GB-seconds of the publisher', seconds * (publisherMemoryMb / 1_024), PRICES.lambda.gbSecond),
    line('CloudWatch', 'GB of logs of the publisher', logGbOf(invocations), PRICES.cloudwatch.logGb),
  ];
}

/** The records of one batch are spread over the shards of the stream. */
function countPublishing(uploads: number, batches: number) {
  if (batches === 0) return { invocations: 0, calls: 0 };
  const invocations = batches * Math.min(uploads / batches, STREAM_SHARDS);
  return { invocations, calls: invocations * Math.ceil(uploads / invocations / LIMITS.eventbridge.batchEntries) };
}

function logGbOf(invocations: number): number {
  return (invocations * (MEASURED.publishedLogBytes + MEASURED.platformLogBytes)) / GB;
}

function watchLines(facts: StackFacts, workload: Workload, batches: number, ticks: number): CostLine[] {
  const { batchLogBytes, platformLogBytes, uploadLogBytes } = MEASURED;
  const logBytes = (batches + ticks) * (batchLogBytes + platformLogBytes) + workload.uploadsPerMonth * uploadLogBytes;
  const { uploadsPerMonth, hoursPerDay } = workload;
  const categories = facts.metricsByCategory ? workload.categories : 1;
  const ofUploads = facts.buckets * categories * Object.keys(UPLOAD_METRICS).length;
  const uploadHours = Math.min(hoursPerDay * DAYS_A_MONTH, uploadsPerMonth);
  const ofRecords = Object.keys(RECORD_METRICS).length;
  const ofEmails = facts.sendsEmail ? Object.keys(EMAIL_METRICS).length : 0;
  const ofBatches = Object.keys(BATCH_METRICS).length + ofRecords + ofEmails;
  const { logGb, metric, alarm, dashboard } = PRICES.cloudwatch;
  return [
    line('CloudWatch', 'GB of logs', logBytes / GB, logGb),
    line('CloudWatch', `metrics of uploads (${categoriesOf(categories)})`, ofUploads * share(uploadHours), metric),
    line('CloudWatch', 'metrics of batches', ofBatches * share(uploadHours + ticks), metric),
    line('CloudWatch', 'metrics in alarms', facts.alarmMetrics, alarm),
    line('CloudWatch', 'dashboards', facts.dashboards, dashboard),
  ];
}

/** Of a month in which a metric reports: it is paid for by the hour. Source: aws.amazon.com/cloudwatch/pricing. */
function share(hours: number): number {
  return Math.min(1, hours / (DAYS_A_MONTH * HOURS_A_DAY));
}

function categoriesOf(count: number): string {
  return count === 1 ? '1 category' : `${count} categories`;
}

function emailLines({ digests }: StackFacts, workload: Workload, ticks: number): CostLine[] {
  if (digests.length === 0 && workload.alertEmailsPerMonth === 0) return [];
  // A digest without an upload is not sent.
  const digestEmails = digests.reduce((sum, due) => sum + Math.min(due, workload.uploadsPerMonth), 0);
  return [
    line('Scheduler', 'schedules due', ticks, PRICES.scheduler.invocation),
    line('SES', 'emails', digestEmails * workload.digestRecipients + workload.alertEmailsPerMonth, PRICES.ses.email),
  ];
}

/** Dollars of each service, highest first. */
export function dollarsByService(lines: readonly CostLine[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { service, dollars } of lines) sums.set(service, (sums.get(service) ?? 0) + dollars);
  return new Map([...sums].sort(([, one], [, other]) => other - one));
}

export function totalDollars(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** The estimate as a table: each service with its lines below it, and the sum. */
export function renderEstimate(lines: readonly CostLine[], unpriced: readonly string[]): string {
  const rows = [...dollarsByService(lines)].flatMap(([service, dollars]) => [
    row(service, '', dollars),
    ...lines
      .filter((one) => one.service === service)
      .map(({ item, quantity, dollars: part }) => row(`  ${item}`, formatQuantity(quantity), part)),
  ]);
  const missing = unpriced.length === 0 ? '' : `\nNot included, though the stack has it: ${unpriced.join(', ')}.`;
  return `${[...rows, row('A month', '', totalDollars(lines))].join('\n')}\n${NOTE}${missing}\n`;
}

/** Calls and messages are counted; of little, such as gigabytes, the fraction matters. */
function formatQuantity(quantity: number): string {
  return quantity.toLocaleString('en-US', { maximumFractionDigits: quantity < 100 ? 2 : 0 });
}

const NOTE = '\nList prices of us-east-1, no free tiers, without S3 and its requests.';

function row(name: string, quantity: string, dollars: number): string {
  return `${name.padEnd(44)}${quantity.padStart(14)}${`$${dollars.toFixed(2)}`.padStart(10)}`;
}
