import type { IncomingHttpHeaders } from 'node:http';
import { TABLE } from '../../contract/table.ts';
import type { PutEventsEntry } from '../events/bus-event.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../identity.ts';
import { accessKeyIdOf } from '../s3/request.ts';

/** A call that a local server has received, in IAM's terms. */
export interface ServiceCall {
  /** Who signed it: the access key id. */
  readonly caller: string;
  /** Such as `dynamodb:BatchWriteItem`. A batch call of SQS is the action of its entries, as IAM has it. */
  readonly action: string;
  /** ARNs. */
  readonly resources: readonly string[];
  /** Values of IAM's condition keys, such as `dynamodb:LeadingKeys`. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Called with each signed call as it arrives, whatever becomes of it. */
export type OnCall = (call: ServiceCall) => void;

interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const TARGET = /^AmazonSQS\.(\w+?)(?:Batch)?$/;

/**
 * A call of SQS, in which a batch call is the action of its entries; undefined for another call and for one without a
 * signature.
 *
 * Source: SQS developer guide, "Amazon SQS API permissions: actions and resource reference".
 */
export function toQueueCall(headers: IncomingHttpHeaders, body: unknown): ServiceCall | undefined {
  const [, operation] = TARGET.exec(String(headers['x-amz-target'])) ?? [];
  const caller = accessKeyIdOf(headers, {});
  if (operation === undefined || caller === undefined) return undefined;
  const { QueueUrl: url = '', QueueName: name = url.split('/').at(-1) } = body as Record<string, string | undefined>;
  const resources = [`arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${name}`];
  return { caller, action: `sqs:${operation}`, resources, context: {} };
}

/**
 * A read of an object, in which a HEAD is a read; undefined for another request and for one without a signature.
 *
 * Source: S3 API reference, `HeadObject` and `GetObject`, "Permissions".
 *
 * @param url Path and query, the bucket first.
 */
export function toObjectCall(method: string, url: string, headers: IncomingHttpHeaders): ServiceCall | undefined {
  const [, bucket = '', key = ''] = /^\/([^/?]+)\/([^?]+)/.exec(url) ?? [];
  const caller = accessKeyIdOf(headers, {});
  if (!/^(GET|HEAD)$/.test(method) || key === '' || caller === undefined) return undefined;
  const resources = [`arn:aws:s3:::${bucket}/${decoded(key)}`];
  return { caller, action: 's3:GetObject', resources, context: {} };
}

/** As it came when its encoding is invalid: S3 refuses such a request itself. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}

type Item = Readonly<Record<string, { readonly S?: string }>>;

interface Write {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

/** The parts of a request to DynamoDB that IAM evaluates. */
interface TableRequest {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Item;
  readonly RequestItems?: Readonly<Record<string, readonly Write[]>>;
}

/**
 * A call of DynamoDB; undefined for one without a signature.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB".
 *
 * @param operation Such as `BatchWriteItem`.
 */
export function toTableCall({ headers, body }: SignedRequest, operation: string): ServiceCall | undefined {
  const caller = accessKeyIdOf(headers, {});
  if (caller === undefined) return undefined;
  const request: TableRequest = JSON.parse(body);
  const tables = request.TableName === undefined ? Object.keys(request.RequestItems ?? {}) : [request.TableName];
  const index = request.IndexName === undefined ? '' : `/index/${request.IndexName}`;
  return {
    caller,
    action: `dynamodb:${operation}`,
    resources: tables.map((table) => `arn:aws:dynamodb:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:table/${table}${index}`),
    context: { 'dynamodb:LeadingKeys': leadingKeys(request) },
  };
}

function leadingKeys(request: TableRequest): string[] {
  const writes = Object.values(request.RequestItems ?? {}).flat();
  const written = writes.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
  const keys = [request.Key, request.Item, ...written].map((item) => item?.[TABLE.partitionKey]?.S);
  return [...keys, queriedKey(request)].filter((key) => key !== undefined);
}

/** The first condition of a query is the partition key's, `#partition = :partition`. */
function queriedKey({ KeyConditionExpression = '', ExpressionAttributeValues = {} }: TableRequest): string | undefined {
  const [, placeholder = ''] = /=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  return ExpressionAttributeValues[placeholder]?.S;
}

/**
 * A call of SES, about the identity of the sender; undefined for one without a signature.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SES".
 */
export function toMailCall({ headers, body }: SignedRequest): ServiceCall | undefined {
  const caller = accessKeyIdOf(headers, {});
  if (caller === undefined) return undefined;
  const form = new URLSearchParams(body);
  const source = form.get('Source') ?? '';
  // `Name <address>` or the address alone.
  const sender = /<([^>]+)>\s*$/.exec(source)?.[1] ?? source;
  return {
    caller,
    action: `ses:${form.get('Action')}`,
    resources: [`arn:aws:ses:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:identity/${sender}`],
    context: { 'ses:FromAddress': [sender] },
  };
}

/**
 * A call of PutEvents; undefined for one without a signature.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EventBridge".
 */
export function toEventCall(headers: IncomingHttpHeaders, entries: readonly PutEventsEntry[]): ServiceCall | undefined {
  const caller = accessKeyIdOf(headers, {});
  if (caller === undefined) return undefined;
  const buses = new Set(entries.map(({ EventBusName = 'default' }) => busArn(EventBusName)));
  return { caller, action: 'events:PutEvents', resources: [...buses], context: {} };
}

/** A call about rules, of any of them; undefined for one without a signature. */
export function toRuleCall(headers: IncomingHttpHeaders, operation: string): ServiceCall | undefined {
  const caller = accessKeyIdOf(headers, {});
  if (caller === undefined) return undefined;
  return { caller, action: `events:${operation}`, resources: ['*'], context: {} };
}

function busArn(bus: string): string {
  return bus.startsWith('arn:') ? bus : `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:event-bus/${bus}`;
}
