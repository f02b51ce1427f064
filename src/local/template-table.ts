import { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { readProperties } from './template-properties.ts';
import type { TemplateResolver } from './template-resolver.ts';
import type { TableKey, TableResource } from './template-resources.ts';

const KEY_SCHEMA = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const TABLE = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: KEY_SCHEMA,
  BillingMode: z.literal('PAY_PER_REQUEST'),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: KEY_SCHEMA,
        Projection: z.strictObject({ ProjectionType: z.literal('ALL') }),
      }),
    )
    .default([]),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  // Recovery and protection have no local meaning; a second Region would have one.
  Replicas: z.array(z.unknown()).length(1),
});

const WITHOUT_LOCAL_MEANING = ['SSESpecification', 'Tags'];

/** @throws TemplateError for what the local stack cannot do. */
export function toTable(resource: DeclaredResource, resolver: TemplateResolver): TableResource {
  const properties = readProperties(resource, resolver, TABLE, WITHOUT_LOCAL_MEANING);
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, TimeToLiveSpecification: timeToLive } = properties;
  const { name, arn } = resolver.identityOf(resource);
  return {
    logicalId: resource.logicalId,
    name,
    arn,
    ...toKey(KeySchema),
    attributeTypes: Object.fromEntries(
      AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
    ),
    indexes: GlobalSecondaryIndexes.map((index) => ({ name: index.IndexName, ...toKey(index.KeySchema) })),
    ...(timeToLive?.Enabled && { timeToLiveAttribute: timeToLive.AttributeName }),
  };
}

function toKey(schema: z.output<typeof KEY_SCHEMA>): TableKey {
  const sortKey = schema.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName;
  return {
    partitionKey: schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '',
    ...(sortKey !== undefined && { sortKey }),
  };
}
