import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startObjectNotifier } from '../../../../src/local/s3/object-notifier.ts';
import { startServiceServer } from '../../../../src/local/servers/service-server.ts';
import { SimulatedBucket } from '../services/simulated-s3.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

/** A bucket without versions, simulated or emulated, in which somebody changes objects. */
export interface BucketSubject {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  put(key: string, content: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  /** Uploads the content in one part. */
  multipart(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Bodies of the notifications of what was done since the last call. */
  notifications(): Promise<string[]>;
  run<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The emulator behind the real SDK, with the notifier of the local stack. */
export async function emulatedBucket(): Promise<BucketSubject> {
  const server = await startServiceServer();
  const client = new S3Client({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'alice', secretAccessKey: 'secret' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const Bucket = 'uploads-bucket';
  await client.send(new CreateBucketCommand({ Bucket }));
  const bodies: string[] = [];
  const notifier = await startObjectNotifier({
    source: server,
    notifications: () => [{ id: 'uploads', bucket: Bucket, queueUrl: 'queue', events: ['s3:*'], envelope: 's3' }],
    send: async (_queue, messages) => void bodies.push(...messages.map(({ body }) => body)),
    region: 'eu-west-1',
  });
  bodies.length = 0;
  return {
    client,
    bucket: Bucket,
    put: async (Key, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key, Body }))),
    copy: async (from, Key) => {
      const CopySource = `${Bucket}/${encodeURIComponent(from)}`;
      await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    },
    multipart: async (Key, Body) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const part = { PartNumber: 1, UploadId };
      const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, Body, ...part }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
    },
    remove: async (Key) => void (await client.send(new DeleteObjectCommand({ Bucket, Key }))),
    notifications: async () => {
      await notifier.flush();
      return bodies.splice(0);
    },
    run: (work) => work(),
    close: async () => {
      await notifier.stop();
      client.destroy();
      await server.close();
    },
  };
}

export async function simulatedBucket(): Promise<BucketSubject> {
  const clock = new VirtualClock(Date.parse('2026-03-01T10:00:00Z'), 1);
  const bodies: string[] = [];
  const bucket = new SimulatedBucket({
    name: 'uploads-bucket',
    isVersioned: false,
    clock,
    onEvent: (_event, body) => void bodies.push(body),
  });
  const who = 'AWS:AROAEXAMPLE:alice';
  return {
    client: bucket.client,
    bucket: bucket.name,
    put: async (key, content) => void bucket.put(key, Buffer.byteLength(content), who, { eTag: md5(content) }),
    copy: async (from, to) => {
      const { size = 0, eTag } = bucket.current(from) ?? {};
      bucket.put(to, size, who, { kind: 'Copy', eTag });
    },
    multipart: async (key, content) => {
      bucket.completeMultipart(key, Buffer.byteLength(content), who, { initiatedAt: clock.now() });
    },
    remove: async (key) => bucket.delete(key, who),
    notifications: async () => bodies.splice(0),
    run: (work) => clock.run(work()),
    close: async () => undefined,
  };
}

function md5(content: string): string {
  return createHash('md5').update(content).digest('hex');
}
