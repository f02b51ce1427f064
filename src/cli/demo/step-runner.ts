import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { presignUpload } from '../../local/s3/presign.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type DemoStep, MULTIPART_PART_BYTES } from './plan.ts';
import type { ExpectedRecord } from './proof.ts';

/** Uploads under way at once: enough to keep two processors busy. */
const CONCURRENCY = 16;

export interface DemoBucket {
  readonly name: string;
  /** A client that signs as this uploader. */
  readonly clientOf: (uploader: string) => S3Client;
}

/** What has been done to each object, in order, as S3 answered it. */
export type DoneHistory = Map<string, ExpectedRecord[]>;

/**
 * Carries out `steps` in order of start, several at once: no two of them may touch one key.
 *
 * @param onDone Called after each step.
 * @throws UploadLedgerError `demo-upload-failed` with what S3 answered.
 */
export async function carryOut(
  steps: readonly DemoStep[],
  bucket: DemoBucket,
  done: DoneHistory,
  onDone: () => void,
): Promise<void> {
  const rest = steps.values();
  const work = async () => {
    for (const step of rest) {
      const object = `${bucket.name}/${step.key}`;
      const record = await carryOutOne(step, bucket);
      done.set(object, [...(done.get(object) ?? []), record]);
      onDone();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

async function carryOutOne(step: DemoStep, bucket: DemoBucket): Promise<ExpectedRecord> {
  const { uploader } = step;
  const s3 = bucket.clientOf(uploader);
  if (step.kind === 'delete') {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: step.key }));
    return { status: 'deleted', uploader };
  }
  const put = step.kind === 'put' ? putPresigned : putInParts;
  const eTag = await put(s3, bucket.name, step.key, step.body);
  return { status: 'uploaded', size: step.body.byteLength, eTag: eTag.replaceAll('"', ''), uploader };
}

/** As a browser does it: a plain PUT to a presigned URL. */
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
