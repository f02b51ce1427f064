import { ENVIRONMENT } from '../contract/environment.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { countValues, readScheduleExpression } from '../shared/schedule-expression.ts';
import { DAY_MS } from '../shared/time.ts';
import { DAYS_A_MONTH } from './prices.ts';

/** Everything in a template that costs money. */
export interface StackFacts {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly memoryMb: number;
  /** Writes for each record: the table's, and one for each index. */
  readonly writesPerRecord: number;
  readonly buckets: number;
  readonly throughEventBridge: boolean;
  readonly webhooks: number;
  readonly alarmMetrics: number;
  readonly dashboards: number;
  readonly sendsEmail: boolean;
  /** Of the function that announces records on an event bus. Absent: none does. */
  readonly publisherMemoryMb?: number;
  /** Whether metrics of uploads are told apart by category. */
  readonly metricsByCategory: boolean;
  /** Whether the metadata of each upload is read. */
  readonly readsMetadata: boolean;
  /** How often a month each digest is due. To how many it goes is in the function's settings, not in the template. */
  readonly digests: readonly number[];
  /** Parts of the template that this estimate has no price for. */
  readonly unpriced: readonly string[];
}

export interface TemplateResource {
  readonly Type: string;
  // CloudFormation's properties, different for each type.
  // biome-ignore lint/suspicious/noExplicitAny: read with care below
  readonly Properties: any;
}

/** Types that cost nothing by themselves, or whose price is counted by their use. */
const PRICED: readonly string[] = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Events::ApiDestination',
  'AWS::Events::Connection',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
];

/** @throws UploadLedgerError `other-template` for a template without function, mapping or table. */
export function stackFacts(resources: Readonly<Record<string, TemplateResource>>): StackFacts {
  const all = Object.values(resources);
  const of = (type: string) => all.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const one = (type: string, isMeant: (properties: TemplateResource['Properties']) => boolean = () => true) => {
    const found = of(type).find(isMeant);
    if (found === undefined) {
      throw new UploadLedgerError(
        'other-template',
        `the stack is not an upload-ledger stack: its template has no ${type}`,
      );
    }
    return found;
  };
  const [fn, mapping, table] = [
    one('AWS::Lambda::Function', (properties) => !isPublisher(properties)),
    // The publisher's reads a stream, which has a starting position.
    one('AWS::Lambda::EventSourceMapping', ({ StartingPosition }) => StartingPosition === undefined),
    one('AWS::DynamoDB::GlobalTable'),
  ];
  const variables = fn.Environment.Variables;
  const publisher = of('AWS::Lambda::Function').find(isPublisher);
  const rules = of('AWS::Events::Rule');
  const unpriced = all.filter(({ Type }) => !PRICED.includes(Type)).map(({ Type }) => Type);
  const isTraced = fn.TracingConfig?.Mode === 'Active';
  const isWatched = table.Replicas?.[0]?.ContributorInsightsSpecification?.Enabled === true;
  return {
    batchSize: mapping.BatchSize,
    batchWindowSeconds: mapping.MaximumBatchingWindowInSeconds,
    memoryMb: fn.MemorySize,
    writesPerRecord: 1 + (table.GlobalSecondaryIndexes?.length ?? 0),
    buckets: Math.max(1, of('AWS::S3::Bucket').length, countNames(variables[ENVIRONMENT.bucketNames])),
    throughEventBridge: rules.some(({ EventPattern }) => EventPattern.source?.includes('aws.s3')),
    webhooks: of('AWS::Events::ApiDestination').length,
    alarmMetrics: of('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + countMetrics(alarm), 0),
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    sendsEmail: ENVIRONMENT.emailSettings in variables,
    ...(publisher !== undefined && { publisherMemoryMb: publisher.MemorySize }),
    metricsByCategory: variables[ENVIRONMENT.metricsByCategory] !== 'false',
    readsMetadata: ENVIRONMENT.uploaderMetadata in variables,
    digests: of('AWS::Scheduler::Schedule').map(({ ScheduleExpression }) => ticksAMonth(ScheduleExpression)),
    unpriced: [
      ...new Set([...unpriced, ...(isTraced ? ['X-Ray'] : []), ...(isWatched ? ['Contributor Insights'] : [])]),
    ],
  };
}

function isPublisher({ Environment }: TemplateResource['Properties']): boolean {
  return ENVIRONMENT.eventBus in Environment.Variables;
}

/** Of a list with commas, in which some names may be references. */
function countNames(names: unknown): number {
  if (names === undefined) return 0;
  const parts =
    typeof names === 'string' ? [names] : ((names as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? []);
  return 1 + parts.join('').replaceAll(/[^,]/g, '').length;
}

/** An alarm is priced by the metrics that it watches. */
function countMetrics(alarm: TemplateResource['Properties']): number {
  const watched = (alarm.Metrics ?? []).filter(({ MetricStat }: { MetricStat?: object }) => MetricStat !== undefined);
  return Math.max(1, watched.length);
}

/**
 * How often a schedule is due in a month of 30 days: exact for rates, an upper bound for cron expressions.
 *
 * @param expression `rate(15 minutes)` or `cron(0 8 ? * MON-FRI *)`, as EventBridge Scheduler takes them.
 */
export function ticksAMonth(expression: string): number {
  const schedule = readScheduleExpression(expression);
  if (typeof schedule === 'string')
    throw new UploadLedgerError('other-template', `Cannot read a schedule: ${schedule}`);
  if (schedule.kind === 'rate') return (DAYS_A_MONTH * DAY_MS) / schedule.milliseconds;
  const { minutes, hours, dayOfMonth, dayOfWeek } = schedule.fields;
  return countValues('minutes', minutes) * countValues('hours', hours) * countDays(dayOfMonth, dayOfWeek);
}

function countDays(days: string, weekdays: string): number {
  if (!/^[*?]$/.test(weekdays)) return (countValues('dayOfWeek', weekdays) * DAYS_A_MONTH) / 7;
  return /^[*?]$/.test(days) ? DAYS_A_MONTH : countValues('dayOfMonth', days);
}
