import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INDEX_SHARDS, type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { type Installation, installPackage } from '../deployment/packed.ts';

const PROJECT = path.resolve(import.meta.dirname, '../../..');

let program: Installation;
let table: LedgerTable;

beforeAll(async () => {
  program = await installPackage();
  table = await openLedgerTable();
  const keys = ['a.jpg', 'b.jpg', 'c.jpg'];
  await table.put(...keys.map((key) => recordOf(key, { uploader: 'alice', timestamp: '2026-11-20T10:00:00.000Z' })));
});

afterAll(async () => {
  await table?.close();
  program?.remove();
});

const environment = () => ({
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
});

/** What a program prints that has a `createLedger`. */
const PRINTS_UPLOADS = `
  const ledger = createLedger({ tableName: 'ledger', indexShards: ${INDEX_SHARDS} });
  ledger.uploads({ uploader: 'alice' }).page().then(({ records }) => {
    console.log(records.map(({ s3_key }) => s3_key).sort().join());
    ledger.close();
  });
`;

async function run(file: string, contents: string, options: readonly string[] = []) {
  program.write(file, contents);
  return program.node([...options, file], environment());
}

describe('the client of the package', () => {
  it.each([
    ['an ES module', 'app.mjs', `import { createLedger } from 'upload-ledger/client';${PRINTS_UPLOADS}`],
    ['CommonJS', 'app.cjs', `const { createLedger } = require('upload-ledger/client');${PRINTS_UPLOADS}`],
    [
      'CommonJS of older versions of Node',
      'dynamic.cjs',
      `import('upload-ledger/client').then(({ createLedger }) => {${PRINTS_UPLOADS}});`,
    ],
  ])('reads the ledger from %s', async (_, file, contents) => {
    expect(await run(file, contents)).toEqual({ exitCode: 0, stdout: 'a.jpg,b.jpg,c.jpg\n', stderr: '' });
  });

  it('reads it with a document client of the program’s own', async () => {
    link('@aws-sdk/lib-dynamodb');
    const { stdout, stderr } = await run(
      'document.mjs',
      `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
      import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
      import { createLedger } from 'upload-ledger/client';
      const client = DynamoDBDocumentClient.from(new DynamoDBClient());
      const ledger = createLedger({ tableName: 'ledger', indexShards: ${INDEX_SHARDS}, client });
      for await (const { filesize } of ledger.uploads({ uploader: 'alice' })) console.log(filesize);
      client.destroy();`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: '1234\n1234\n1234\n', stderr: '' });
  });

  it('imports nothing of the CDK, of the command line or of S3: of what the package can use, DynamoDB’s client alone', async () => {
    const { stdout } = await run(
      'imports.mjs',
      `import { registerHooks } from 'node:module';
      const urls = new Set();
      registerHooks({ resolve(name, context, next) { const to = next(name, context); urls.add(to.url); return to; } });
      const { createLedger } = await import('upload-ledger/client');
      createLedger({ tableName: 'ledger' }).close();
      console.log(JSON.stringify([...urls]));`,
    );
    const files: readonly string[] = JSON.parse(stdout).filter((url: string) => url.startsWith('file:'));
    const own = files.flatMap((url) => /\/upload-ledger\/dist\/(?:src\/)?([^/]+)\//.exec(url)?.[1] ?? []);
    expect(new Set(own)).toEqual(new Set(['client']));
    const packages = files.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    const others = new Set(packages.filter((name) => name !== 'upload-ledger'));
    const { peerDependencies } = JSON.parse(readFileSync(path.join(program.package, 'package.json'), 'utf8'));
    expect(Object.keys(peerDependencies).filter((name) => others.has(name))).toEqual(['@aws-sdk/client-dynamodb']);
  });

  it('has types that hold in strict programs, ES modules and CommonJS', async () => {
    link('@aws-sdk/lib-dynamodb');
    program.write('typed.ts', TYPED);
    program.write('typed.cts', TYPED);
    const compilerOptions = {
      ...{ module: 'nodenext', target: 'es2022', lib: ['es2023', 'esnext.disposable'], types: ['node'] },
      ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
      typeRoots: [path.join(PROJECT, 'node_modules/@types')],
    };
    program.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['typed.ts', 'typed.cts'] }));
    const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const { exitCode, stdout } = await program.node([path.join(typescript, 'bin/tsc'), '--project', 'tsconfig.json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });

  it('holds two pages a shard of 200,000 records, in a heap that could not hold a third of them', async () => {
    const { exitCode, stdout, stderr } = await run('many.mjs', MANY, ['--max-old-space-size=64']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { read, queries, maxHeld } = JSON.parse(stdout);
    // A first page of 25 records, then pages of 250: of each shard 1 and 100.
    expect({ read, queries }).toEqual({ read: 200_000, queries: 8 * 101 });
    expect(maxHeld).toBeLessThanOrEqual(8 * 2 * 250);
  });
});

function link(name: string): void {
  const place = path.join(program.directory, 'node_modules', name);
  mkdirSync(path.dirname(place), { recursive: true });
  try {
    symlinkSync(path.join(PROJECT, 'node_modules', name), place, 'junction');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

const TYPED = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  createLedger, type Ledger, type LedgerEventDetails, type LedgerRecord, type PresignedUpload, type Usage,
} from 'upload-ledger/client';
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export const ledger: Ledger = createLedger({ tableName: 't', client });
createLedger({ tableName: 't', client: new DynamoDBClient({}) });
export function handle(event: { readonly detail: LedgerEventDetails['UploadRecorded'] }): string {
  const { id, summary, record } = event.detail;
  const bytes: number | undefined = record.filesize;
  // @ts-expect-error only places the record in an index
  void record.day_shard;
  return [id, summary, record.s3_key, bytes].join(' ');
}
export const rule = (detail: LedgerEventDetails['AlertRaised']): string => detail.alert.rule;
export const uploads = (detail: LedgerEventDetails['DigestReady']): number => detail.digest.uploads;
export async function all(cursor: string | undefined): Promise<void> {
  const page = await ledger.uploads({ uploader: 'alice', since: new Date(), cursor }).page();
  const next: string | undefined = page.cursor;
  for await (const record of ledger.uploads({ status: 'any', cursor: next })) {
    const typed: LedgerRecord = record;
    const bytes: number | undefined = typed.filesize;
    void bytes;
  }
  const object = await ledger.object('b', 'k');
  if (object?.exists) void object.versions[0]?.versionId;
  const usage: readonly Usage[] = await ledger.usage({ by: 'uploader' });
  const upload: PresignedUpload = await ledger.presignUpload({ bucket: 'b', key: 'k', contentLength: usage.length });
  await fetch(upload.url, { method: upload.method, headers: upload.headers, body: 'x' });
  // @ts-expect-error no such grouping
  await ledger.usage({ by: 'week' });
  // @ts-expect-error times are Dates
  ledger.uploads({ since: '2026-11-01' });
}
`;

/** A table of 200,000 records in 8 shards, made as it is read, and a program that reads all of them. */
const MANY = `
import { createLedger } from 'upload-ledger/client';
const EACH = 25_000;
let given = 0, read = 0, queries = 0, maxHeld = 0;
function item(shard, index) {
  const key = 'photos/' + shard + '/' + index + '-' + 'x'.repeat(100);
  const texts = {
    s3_object: 'bucket/' + key, s3_key: key, s3_bucket: 'bucket', filename: key.slice(-20), upload_id: String(index),
    timestamp: new Date(1_790_000_000_000 - index * 1000).toISOString(), status: 'uploaded', category: 'image',
    event_name: 'ObjectCreated:Put', source: 'notification', day_shard: '2026-11-22#0' + shard,
  };
  return Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }]));
}
const client = {
  async send({ input }) {
    queries += 1;
    const shard = Number(input.ExpressionAttributeValues[':partition'].S.slice(-1));
    const start = Number(input.ExclusiveStartKey?.at.N ?? 0);
    const end = Math.min(EACH, start + input.Limit);
    given += end - start;
    maxHeld = Math.max(maxHeld, given - read);
    const Items = Array.from({ length: end - start }, (_, at) => item(shard, start + at));
    return { Items, ...(end < EACH && { LastEvaluatedKey: { at: { N: String(end) } } }) };
  },
};
for await (const _ of createLedger({ tableName: 't', client }).uploads({ uploader: 'alice' })) read += 1;
console.log(JSON.stringify({ read, queries, maxHeld }));
`;
