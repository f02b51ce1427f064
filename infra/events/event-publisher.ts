import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../src/contract/environment.ts';
import { BODY_FORMATS, type BodyFormat } from '../../src/contract/events.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import { useOf } from '../encryption-key.ts';
import { functionBasics, functionCode } from '../function-code.ts';
import { queueEncryption } from '../queues.ts';
import { type Configuration, sendsEmail } from '../settings/configuration.ts';
import { announcedPatterns, PUBLISHER_MAPPING } from './publisher-mapping.ts';

/** Of this account and Region. */
export type Bus = Pick<IEventBus, 'eventBusArn' | 'eventBusName'>;

interface EventPublisherProps {
  readonly configuration: Configuration;
  /** With a stream. */
  readonly table: TableV2;
  readonly bus: Bus;
  /** See `serviceNameOf`. */
  readonly serviceName: string;
  /** Of table and queues. @default AWS's own */
  readonly encryptionKey: IKey | undefined;
  /** Of the logs. */
  readonly removalPolicy: RemovalPolicy;
}

const MEMORY_MB = 256;

/**
 * Puts an event on a bus for each new record of the table, for other systems: the function that reads the table's stream,
 * with exactly the permissions that it uses, and the queue of what it could not publish.
 *
 * The table is the outbox: what is recorded is announced, and recording never waits for EventBridge.
 */
export class EventPublisher extends Construct {
  readonly function: LambdaFunction;
  /** Names what was given up: a shard of the stream, and the first and last sequence numbers. */
  readonly failures: Queue;

  constructor(scope: Construct, id: string, props: EventPublisherProps) {
    super(scope, id);
    const { configuration, table, bus, serviceName, encryptionKey, removalPolicy } = props;
    const formats = bodyFormats(configuration);
    const { timeoutSeconds, maxRecordAgeHours, ...mapping } = PUBLISHER_MAPPING;
    const announced = { email: sendsEmail(configuration), backfill: configuration.announceBackfill };
    this.failures = new Queue(this, 'Failures', {
      ...queueEncryption(encryptionKey),
      enforceSSL: true,
      retentionPeriod: Duration.seconds(LIMITS.sqs.retentionSeconds),
    });
    const logGroup = new LogGroup(this, 'Logs', { retention: configuration.logRetentionDays, removalPolicy });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const statement of permissions(props, this.failures, logGroup)) role.addToPolicy(statement);
    this.function = new LambdaFunction(this, 'Function', {
      description: 'Announces ledger records on an event bus',
      ...functionBasics('publisher', configuration),
      code: functionCode('publisher'),
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(timeoutSeconds),
      environment: {
        [ENVIRONMENT.eventBus]: bus.eventBusName,
        [ENVIRONMENT.tableArn]: table.tableArn,
        ...(formats.length > 0 && { [ENVIRONMENT.bodyFormats]: formats.join(',') }),
        [ENVIRONMENT.serviceName]: serviceName,
        POWERTOOLS_LOG_LEVEL: configuration.logLevel,
      },
      role,
      logGroup,
    });
    new EventSourceMapping(this, 'Stream', {
      target: this.function,
      eventSourceArn: streamOf(table),
      // From the first record on, also of those that are written while the mapping is made.
      startingPosition: StartingPosition.TRIM_HORIZON,
      ...mapping,
      filters: announcedPatterns(announced).map((pattern) => ({ pattern: JSON.stringify(pattern) })),
      maxRecordAge: Duration.hours(maxRecordAgeHours),
      // The permission is among those of the role.
      onFailure: { bind: () => ({ destination: this.failures.queueArn }) },
    });
  }
}

/** Those that somebody gets. */
function bodyFormats({ webhooks = [], alertTopic }: Configuration): readonly BodyFormat[] {
  const asked = new Set<BodyFormat>(webhooks.map(({ format = 'json' }) => format));
  if (alertTopic !== undefined) asked.add('chat');
  return BODY_FORMATS.filter((format) => asked.has(format));
}

function streamOf({ tableStreamArn = '' }: TableV2): string {
  return tableStreamArn;
}

/**
 * Exactly the calls of the function, and those that Lambda makes with its role to read the stream and to name what was
 * given up. IAM has no resource for ListStreams.
 *
 * Sources: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", execution role permissions, and "Adding an
 * on-failure destination".
 */
function permissions(
  { table, bus, encryptionKey }: EventPublisherProps,
  failures: Queue,
  logGroup: LogGroup,
): PolicyStatement[] {
  const reads = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
    new PolicyStatement({ actions: reads, resources: [streamOf(table)] }),
    new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
    new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [failures.queueArn] }),
    new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    ...(encryptionKey === undefined ? [] : [useOf(encryptionKey)]),
  ];
}
