import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type LocalClients, openLocalClients } from '../../local/clients.ts';
import { presignUpload } from '../../local/s3/presign.ts';
import type { LocalStack } from '../../local/stack.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type DemoStep, MULTIPART_PART_BYTES } from './plan.ts';
import type { ExpectedRecord } from './proof.ts';

/** Steps at once: enough to keep two processors busy. */
const CONCURRENCY = 16;

/** What was done to each object, in order, as S3 answered it; by `<bucket>/<key>`. */
export type ObjectHistories = Map<string, ExpectedRecord[]>;

interface StepOptions {
  /** Gets what was done. */
  readonly done?: ObjectHistories;
  /** Called after each step. */
  readonly onStep?: (() => void) | undefined;
}

/**
 * Runs the steps, started in their order, several at once: no two of them may touch one key. Each is signed by its own
 * uploader.
 *
 * @throws UploadLedgerError `demo-upload-failed` with what S3 answered.
 */
export async function runSteps(
  steps: readonly DemoStep[],
  { bucketName, servers, resources }: LocalStack,
  { done = new Map(), onStep }: StepOptions = {},
): Promise<void> {
  const clients = new Map<string, LocalClients>();
  const clientOf = (uploader: string) => {
    const known = clients.get(uploader) ?? openLocalClients(servers.endpoints, resources.region, uploader);
    clients.set(uploader, known);
    return known.s3;
  };
  const rest = steps.values();
  const work = async () => {
    for (const step of rest) {
      const object = `${bucketName}/${step.key}`;
      const record = await runStep(step, bucketName, clientOf(step.uploader));
      done.set(object, [...(done.get(object) ?? []), record]);
      onStep?.();
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  } finally {
    for (const known of clients.values()) known.destroy();
  }
}

async function runStep(step: DemoStep, bucket: string, s3: S3Client): Promise<ExpectedRecord> {
  const { key, uploader } = step;
  if (step.kind === 'delete') {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    return { status: 'deleted', uploader };
  }
  const put = step.kind === 'put' ? putPresigned : putInParts;
  const eTag = await put(s3, bucket, key, step.body);
  return { status: 'uploaded', size: step.body.byteLength, eTag: eTag.replaceAll('"', ''), uploader };
}

/** Uploads as a browser does: with a plain PUT to a presigned URL. */
async function putPresigned(s3: S3Client, bucket: string, key: string, body: Uint8Array): Promise<string> {
  const url = await presignUpload(s3, { bucket, key });
  const answer = await fetch(url, { method: 'PUT', body: Buffer.from(body) });
  const text = await answer.text();
  const eTag = answer.headers.get('etag');
  if (!answer.ok || eTag === null) throw uploadFailed(key, `${answer.status} ${text.slice(0, 200)}`);
  return eTag;
}

async function putInParts(s3: S3Client, bucket: string, key: string, body: Uint8Array): Promise<string> {
  const object = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const parts: { readonly ETag: string | undefined; readonly PartNumber: number }[] = [];
  for (let offset = 0; offset < body.byteLength; offset += MULTIPART_PART_BYTES) {
    const part = { ...object, UploadId, PartNumber: parts.length + 1 };
    const Body = body.subarray(offset, offset + MULTIPART_PART_BYTES);
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body }));
    parts.push({ ETag, PartNumber: part.PartNumber });
  }
  const complete = { ...object, UploadId, MultipartUpload: { Parts: parts } };
  const { ETag } = await s3.send(new CompleteMultipartUploadCommand(complete));
  if (ETag === undefined) throw uploadFailed(key, 'no eTag');
  return ETag;
}

function uploadFailed(key: string, answer: string): UploadLedgerError {
  return new UploadLedgerError(
    'demo-upload-failed',
    `Expected S3 to take ${JSON.stringify(key)}; it answered ${answer}.`,
  );
}
