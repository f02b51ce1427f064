import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { answerOfBucket, answerOfTable } from '../../cli/synthetic-bucket.ts';
import { syntheticTable } from '../../cli/synthetic-table.ts';

/** DynamoDB and S3 over HTTP, of a table and a bucket that are made up while they are asked. */
export interface SyntheticServices {
  readonly address: string;
  /** Requests answered so far. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Starts services of `count` records, over ten days, and of a bucket of `count` objects, of which one in 5,000 has no record. */
export async function startSyntheticServices(count: number): Promise<SyntheticServices> {
  let requests = 0;
  const byDay = syntheticTable(count);
  const [objects, listing] = [answerOfTable(count), answerOfBucket(count)];
  const server = createServer(async (request, response) => {
    requests += 1;
    const body = await text(request);
    if (request.method === 'GET') {
      const token = new URL(request.url ?? '/', 'http://s3').searchParams.get('continuation-token');
      return sendListing(response, listing(token === null ? {} : { ContinuationToken: token }));
    }
    const input = JSON.parse(body);
    const answer = input.IndexName === undefined ? objects(input) : await queryOf(byDay, input);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function queryOf({ client }: ReturnType<typeof syntheticTable>, input: QueryCommandInput): Promise<unknown> {
  return client.send({ input } as never);
}

function sendListing(response: ServerResponse, listing: ReturnType<ReturnType<typeof answerOfBucket>>): void {
  const contents = listing.Contents.map(
    ({ Key, Size, ETag, LastModified }) =>
      `<Contents><Key>${Key}</Key><LastModified>${LastModified.toISOString()}</LastModified><ETag>${ETag}</ETag><Size>${Size}</Size></Contents>`,
  );
  const { IsTruncated, NextContinuationToken: token } = listing;
  const page = `<IsTruncated>${IsTruncated}</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<ListBucketResult><EncodingType>url</EncodingType>${page}${contents.join('')}</ListBucketResult>`);
}
