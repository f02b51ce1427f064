import type { ScheduleExpression } from '../../shared/schedule-expression.ts';
import type { EventPattern } from '../events/event-pattern.ts';
import type { AlarmRule } from '../metrics/alarm-state.ts';
import type { MetricQuery } from '../metrics/evaluate.ts';
import type { Label } from '../metrics/label.ts';
import type { CorsRule } from '../s3/cors.ts';

/**
 * The part of the synthesized template that has a meaning on one machine: what the local stack provisions, and how it
 * behaves. Every setting of the local stack comes from here.
 */
export interface LocalResources {
  readonly region: string;
  readonly buckets: readonly BucketResource[];
  readonly queues: readonly QueueResource[];
  readonly tables: readonly TableResource[];
  readonly functions: readonly FunctionResource[];
  readonly eventSourceMappings: readonly MappingResource[];
  readonly streamMappings: readonly StreamMappingResource[];
  readonly eventRules: readonly EventRuleResource[];
  readonly connections: readonly ConnectionResource[];
  readonly apiDestinations: readonly ApiDestinationResource[];
  readonly schedules: readonly ScheduleResource[];
  readonly alarms: readonly AlarmResource[];
  readonly dashboards: readonly DashboardResource[];
  /** The stack's outputs by name, resolved. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface BucketResource {
  readonly logicalId: string;
  readonly name: string;
  readonly notifications: readonly NotificationRule[];
  /** Whether the bucket sends its events to EventBridge. */
  readonly eventBridge: boolean;
  /** Which pages of other sites may use the bucket, and how. */
  readonly corsRules: readonly CorsRule[];
}

/** One queue configuration of a bucket's notification configuration. */
export interface NotificationRule {
  readonly queueArn: string;
  /** As S3's configuration names it, such as `s3:ObjectCreated:*`. */
  readonly event: string;
  /** What a key must begin with; decoded (the template's is form-urlencoded). Absent: any. */
  readonly prefix?: string;
  /** What a key must end with; decoded. Absent: any. */
  readonly suffix?: string;
}

/** A rule of an event bus. */
export interface EventRuleResource {
  readonly logicalId: string;
  readonly arn: string;
  /** Name of its bus. */
  readonly bus: string;
  readonly enabled: boolean;
  readonly pattern: EventPattern;
  readonly targets: readonly RuleTarget[];
}

export interface RuleTarget {
  /** Of a queue or an API destination. */
  readonly arn: string;
  /** Fields that lead from the event to what the target gets; none: the event itself. */
  readonly inputPath: readonly string[];
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** Gets what could not be delivered. Absent: such events are lost. */
  readonly deadLetterQueueArn?: string;
}

/** Of a topic of SNS: it is outside of the local stack. */
export function isTopicArn(arn: string): boolean {
  return arn.split(':')[2] === 'sns';
}

/** What EventBridge adds to each request to an API destination; secrets are the local stack's own. */
export interface ConnectionResource {
  readonly logicalId: string;
  readonly arn: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Fields that are added to a body that is an object. */
  readonly body: Readonly<Record<string, string>>;
}

/** An HTTP endpoint that rules send events to. */
export interface ApiDestinationResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly method: string;
  readonly ratePerSecond: number;
  readonly connectionArn: string;
}

export interface QueueResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maxReceiveCount: number };
  /** ARNs of the queues that may use this one as their dead-letter queue. Absent: any. */
  readonly redriveAllowedFrom?: readonly string[];
}

export interface TableKey {
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export interface TableResource extends TableKey {
  readonly logicalId: string;
  readonly name: string;
  /** Type of each key attribute of the table and its indexes. */
  readonly attributeTypes: Readonly<Record<string, 'S' | 'N' | 'B'>>;
  readonly indexes: readonly TableIndex[];
  /** Absent: the table has none. */
  readonly stream?: { readonly arn: string; readonly view: StreamView };
}

/** Which images of an item a stream's records have. */
export type StreamView = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

export interface TableIndex extends TableKey {
  readonly name: string;
}

export interface FunctionResource {
  readonly logicalId: string;
  readonly name: string;
  /** Absolute path of the bundled code. */
  readonly codeDirectory: string;
  /**
   * A file below the code directory without its extension, a dot, and the export's name, such as `consumer.handler`.
   */
  readonly handler: string;
  /** Such as `nodejs24.x`. */
  readonly runtime: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly logFormat: 'JSON' | 'Text';
  /** Lowest level that Lambda logs, with the JSON format only. @default INFO */
  readonly applicationLogLevel?: string;
}

export interface MappingResource {
  readonly logicalId: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** 0: a batch is what one receive gives. */
  readonly batchWindowSeconds: number;
  /** Batches in work at once. Absent: as many as Lambda's scaling allows. */
  readonly maximumConcurrency?: number;
  /** Whether the function's `batchItemFailures` count; otherwise it succeeds or fails as a whole. */
  readonly reportsBatchItemFailures: boolean;
}

/** An event source mapping of a table's stream. A limit of -1 is none. */
export interface StreamMappingResource {
  readonly logicalId: string;
  readonly streamArn: string;
  readonly functionName: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** 0: a batch is what is there. */
  readonly batchWindowSeconds: number;
  /** Records that match none of them are skipped; empty: none is. */
  readonly filters: readonly EventPattern[];
  readonly reportsBatchItemFailures: boolean;
  /** Whether a batch that fails is retried in halves. */
  readonly bisectsOnError: boolean;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
  /** Is told of the records that were given up. Absent: nobody is. */
  readonly onFailureQueueArn?: string;
}

/** A schedule of EventBridge Scheduler that sends a message. */
export interface ScheduleResource {
  readonly logicalId: string;
  readonly name: string;
  readonly expression: ScheduleExpression;
  /** IANA. */
  readonly timeZone: string;
  readonly isEnabled: boolean;
  readonly queueArn: string;
  /** The message, with Scheduler's placeholders in it. */
  readonly input: string;
}

export interface AlarmResource extends AlarmRule {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string;
}

export interface DashboardResource {
  readonly logicalId: string;
  readonly name: string;
  /** How much time it shows when it is opened. */
  readonly rangeMs: number;
  readonly widgets: readonly Widget[];
}

/** A widget, in units of a grid of 24 columns. */
export type Widget = {
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
} & (
  | { readonly kind: 'alarms'; readonly alarmArns: readonly string[] }
  | {
      readonly kind: 'graph';
      readonly queries: readonly GraphedQuery[];
      readonly isStacked: boolean;
      /** Horizontal lines. */
      readonly lines: readonly { readonly value: number; readonly label: string; readonly colour: string }[];
    }
  | {
      readonly kind: 'values';
      readonly queries: readonly GraphedQuery[];
      /** Whether each value is that of the whole time range. Otherwise it is the latest. */
      readonly isOfWholeRange: boolean;
    }
);

export type GraphedQuery = MetricQuery & {
  readonly label: Label;
  /** Whether it is drawn; otherwise expressions use it. */
  readonly isVisible: boolean;
  /** Such as `#d62728`. */
  readonly colour?: string;
};
