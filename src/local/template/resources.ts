import type { ScheduleExpression } from '../../shared/schedule-expression.ts';
import type { EventPattern } from '../events/event-pattern.ts';
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
  readonly eventRules: readonly EventRuleResource[];
  readonly schedules: readonly ScheduleResource[];
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

/** A rule of the default event bus whose targets are queues. */
export interface EventRuleResource {
  readonly logicalId: string;
  readonly enabled: boolean;
  readonly pattern: EventPattern;
  readonly queueArns: readonly string[];
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
}

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
