import { TABLE } from '../../contract/table.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../clients.ts';
import { accessKeyIdOf } from '../service-server/principal.ts';
import type { ServiceCall, SignedRequest } from './service-call.ts';

type Item = Readonly<Record<string, { readonly S?: string }>>;

interface Write {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

/** What a request to DynamoDB may hold, as far as IAM looks at it. */
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
 * A call of DynamoDB in the words of IAM; undefined for one that nobody signed.
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
