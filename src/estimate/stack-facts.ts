import { UploadLedgerError } from '../shared/errors.ts';
import { DAYS_A_MONTH } from './prices.ts';

/** What a template says that costs money. */
export interface StackFacts {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly memoryMb: number;
  /** Writes for each record: the table's, and one for each index. */
  readonly writesPerRecord: number;
  readonly buckets: number;
  readonly throughEventBridge: boolean;
  readonly alarmMetrics: number;
  readonly dashboards: number;
  readonly sendsEmail: boolean;
  /** Whether each upload's metadata are read. */
  readonly readsMetadata: boolean;
  /** Digests, by how often a month and to how many. */
  readonly digests: readonly { readonly ticks: number; readonly recipients: number }[];
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
  const one = (type: string) => {
    const [found] = of(type);
    if (found === undefined) {
      throw new UploadLedgerError('other-template', `the stack is no upload-ledger stack: its template has no ${type}`);
    }
    return found;
  };
  const [fn, mapping, table] = [
    one('AWS::Lambda::Function'),
    one('AWS::Lambda::EventSourceMapping'),
    one('AWS::DynamoDB::GlobalTable'),
  ];
  const rules = of('AWS::Events::Rule');
  const unpriced = all.filter(({ Type }) => !PRICED.includes(Type)).map(({ Type }) => Type);
  const isTraced = fn.TracingConfig?.Mode === 'Active';
  const isWatched = table.Replicas?.[0]?.ContributorInsightsSpecification?.Enabled === true;
  return {
    batchSize: mapping.BatchSize,
    batchWindowSeconds: mapping.MaximumBatchingWindowInSeconds,
    memoryMb: fn.MemorySize,
    writesPerRecord: 1 + (table.GlobalSecondaryIndexes?.length ?? 0),
    buckets: Math.max(1, of('AWS::S3::Bucket').length, rules[0]?.EventPattern.detail.bucket.name.length ?? 0),
    throughEventBridge: rules.length > 0,
    alarmMetrics: of('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    sendsEmail: 'EMAIL_SENDER' in fn.Environment.Variables,
    readsMetadata: 'UPLOADER_METADATA' in fn.Environment.Variables,
    digests: of('AWS::Scheduler::Schedule').map(toDigest),
    unpriced: [
      ...new Set([...unpriced, ...(isTraced ? ['X-Ray'] : []), ...(isWatched ? ['Contributor Insights'] : [])]),
    ],
  };
}

/** An alarm is priced by the metrics that it looks at. */
function metricsOf(alarm: TemplateResource['Properties']): number {
  const looked = (alarm.Metrics ?? []).filter(({ MetricStat }: { MetricStat?: object }) => MetricStat !== undefined);
  return Math.max(1, looked.length);
}

function toDigest({ ScheduleExpression, Target }: TemplateResource['Properties']) {
  const recipients = /"recipients":\[([^\]]*)\]/.exec(JSON.stringify(Target.Input).replaceAll('\\', ''))?.[1] ?? '';
  return { ticks: ticksAMonth(ScheduleExpression), recipients: recipients.split(',').length };
}

const MINUTES = { minute: 1, hour: 60, day: 24 * 60 } as const;

/**
 * How often a schedule is due in a month of 30 days: exact for rates, at most so often for cron expressions.
 *
 * @param expression `rate(15 minutes)` or `cron(0 8 ? * MON-FRI *)`, as EventBridge Scheduler takes them.
 */
export function ticksAMonth(expression: string): number {
  const [, value, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (value !== undefined) {
    return (DAYS_A_MONTH * MINUTES.day) / (Number(value) * MINUTES[unit as keyof typeof MINUTES]);
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(/\s+/) ?? [];
  const [minutes = '*', hours = '*', days = '*', , weekdays = '?'] = fields;
  return times(minutes, 60) * times(hours, 24) * daysOf(days, weekdays);
}

function daysOf(days: string, weekdays: string): number {
  if (!/^[*?]$/.test(weekdays)) return (times(weekdays, 7) * DAYS_A_MONTH) / 7;
  return /^[*?]$/.test(days) ? DAYS_A_MONTH : times(days, DAYS_A_MONTH);
}

/** How many values a field stands for: `*`, `1,2`, `8-17`, `0/15`, `MON-FRI`. Words outside of that count as one. */
function times(field: string, all: number): number {
  return field.split(',').reduce((sum, part) => sum + valuesOf(part, all), 0);
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function valuesOf(part: string, all: number): number {
  const [range = '*', step = '1'] = part.split('/');
  const [first = '*', last] = range.split('-');
  if (first === '*') return Math.ceil(all / Number(step));
  if (last !== undefined) return Math.ceil((numberOf(last) - numberOf(first) + 1) / Number(step));
  return part.includes('/') ? Math.ceil((all - numberOf(first)) / Number(step)) : 1;
}

function numberOf(text: string): number {
  const weekday = WEEKDAYS.indexOf(text.toUpperCase());
  return weekday >= 0 ? weekday : Number(text);
}
