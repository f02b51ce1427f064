import http from 'node:http';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type LocalClients, openLocalClients } from '../../../src/local/clients.ts';
import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import {
  type ServiceServer,
  type ServiceServerOptions,
  startServiceServer,
} from '../../../src/local/servers/service-server.ts';

export const BUCKET = 'uploads';
const NOWHERE = 'http://127.0.0.1:9';

export interface Services {
  readonly server: ServiceServer;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Every object change so far. */
  readonly changes: ObjectChange[];
  /** A client that signs as somebody else. */
  s3As(accessKeyId: string): S3Client;
  /** `http://127.0.0.1:port/uploads/<path>`; `path` goes in as it is. */
  url(path: string): string;
  /** The status of a request whose path and headers are sent as they are, which `fetch` does not do. */
  requestRaw(path: string, headers: Record<string, string>, method?: string): Promise<number>;
  stop(): Promise<void>;
}

/** A server with one bucket, on a free port. */
export async function startServices(options: ServiceServerOptions = {}): Promise<Services> {
  const server = await startServiceServer(options);
  const opened: LocalClients[] = [];
  const open = (accessKeyId?: string) => {
    const endpoints = { services: server.endpoint, dynamodb: NOWHERE, ses: NOWHERE, events: NOWHERE };
    const clients = openLocalClients(endpoints, 'us-east-1', accessKeyId);
    opened.push(clients);
    return clients;
  };
  const changes: ObjectChange[] = [];
  server.onObjectChange((change) => changes.push(change));
  const { s3, sqs } = open();
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return {
    server,
    s3,
    sqs,
    changes,
    s3As: (accessKeyId) => open(accessKeyId).s3,
    url: (path) => `${server.endpoint}/${BUCKET}/${path}`,
    requestRaw: (path, headers, method = 'GET') =>
      requestRaw({ host: '127.0.0.1', port: server.port, path, method, headers }),
    stop: async () => {
      for (const clients of opened) clients.destroy();
      await server.close();
    },
  };
}

function requestRaw(options: http.RequestOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = http.request(options, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  request.on('error', reject).end();
  return promise;
}

/** Keys that have broken pipelines like this one. */
export const AWKWARD_KEYS = [
  'plain.txt',
  'with spaces and + plus.txt',
  '100% sure%20not-encoded%2F.txt',
  `"double" and 'single' quotes.txt`,
  'emoji 🎉👩‍👩‍👧.png',
  'ünï/日本語/файл.pdf',
  '/leading/slash.txt',
  'trailing/slash/',
  'double//slashes///x.csv',
  'up/../and/./down.txt',
  '..hidden',
  'a&b=c;d?e#f:g@h,i.json',
  '<tag a="b">&lt;&amp;.svg',
  'back\\slash^`{|}~[]!*().log',
  'line\nbreak\r\tand tab.txt',
  'x'.repeat(1024),
  '長'.repeat(341),
] as const;
