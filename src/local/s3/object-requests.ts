/** Requests about one object or one upload: what S3 refuses of them, and what it answers and the emulator would not. */
import {
  CONFLICT,
  copyRefusal,
  copySourceOf,
  isConditional,
  NO_SUCH_KEY,
  selfCopyRefusal,
  writeConditionRefusal,
} from './conditions.ts';
import type { S3Answer, S3Request } from './edge.ts';
import { MultipartUploads } from './multipart.ts';
import { copiedSettings, settingsOf, settingsRefusal, taggingXml } from './object-settings.ts';
import { type ObjectWatch, objectPath } from './object-watch.ts';
import {
  accessKeyIdOf,
  type EdgeRequest,
  headerOf,
  type ObjectAddress,
  type S3Operation,
  type UploadAddress,
} from './request.ts';
import { notImplemented, type S3Refusal, unescapeXml } from './xml.ts';

type Operation<Kind> = Extract<S3Operation, { readonly kind: Kind }>;

/** Why a write is refused; undefined when the emulator is to carry it out. */
export async function writeRefusal(
  watch: ObjectWatch,
  { headers, body }: EdgeRequest,
  s3: S3Request,
  operation: Operation<'write'>,
): Promise<S3Refusal | undefined> {
  const { index, uploads } = watch;
  if (operation.change === 'Delete') return conditionRefusal(watch, headers, s3, operation);
  if (operation.change === 'CompleteMultipartUpload') {
    const list = String(body);
    s3.onAnswer.push(
      whenDone(() => {
        s3.settings = uploads.complete(operation, list);
        return {};
      }),
    );
    return uploads.completeRefusal(operation, list, headers) ?? conditionRefusal(watch, headers, s3, operation);
  }
  const refusal = settingsRefusal(headers);
  if (refusal !== undefined) return refusal;
  const source = copySourceOf(headers);
  if (source === undefined) {
    s3.settings = settingsOf(headers, s3.checksum);
    s3.onAnswer.push(whenDone(() => checksumHeader(s3.checksum)));
    return conditionRefusal(watch, headers, s3, operation);
  }
  s3.settings = copiedSettings(headers, index.get(source.bucket, source.key)?.settings);
  const failed = await conditionRefusal(watch, headers, s3, operation);
  return failed ?? selfCopyRefusal(headers, operation) ?? copyRefusal(headers, index);
}

/** Holds a write's conditions against what the bucket holds, and every other conditional write of the key off until its answer. */
async function conditionRefusal(
  { feed, index, conditionalKeys }: ObjectWatch,
  headers: EdgeRequest['headers'],
  s3: S3Request,
  { bucket, key }: ObjectAddress,
): Promise<S3Refusal | undefined> {
  if (!isConditional(headers)) return undefined;
  await feed.settled();
  const path = objectPath(bucket, key);
  if (conditionalKeys.has(path)) return CONFLICT;
  conditionalKeys.add(path);
  s3.onAnswer.push(() => {
    conditionalKeys.delete(path);
    return {};
  });
  return writeConditionRefusal(headers, index.get(bucket, key));
}

function whenDone(change: S3Request['onAnswer'][number]): S3Request['onAnswer'][number] {
  return (answer) => (answer.status < 400 ? change(answer) : {});
}

function checksumHeader(checksum: S3Request['checksum']): Record<string, string> {
  return checksum === undefined ? {} : { [checksum.header]: checksum.value };
}

/** Why no upload is begun; undefined when the emulator is to begin it. */
export function beginRefusal(
  { uploads }: ObjectWatch,
  { headers }: EdgeRequest,
  s3: S3Request,
  { bucket, key }: ObjectAddress,
): S3Refusal | undefined {
  const refusal = settingsRefusal(headers) ?? MultipartUploads.beginRefusal(headers);
  if (refusal !== undefined) return refusal;
  const asked = { ...headers };
  s3.onAnswer.push(
    whenDone((answer) => {
      uploads.begin({ bucket, key, uploadId: fieldOf(answer, 'UploadId') }, asked);
      return {};
    }),
  );
  // The emulator would make a composite checksum.
  if (headers['x-amz-checksum-type'] === 'FULL_OBJECT') delete headers['x-amz-checksum-algorithm'];
  return undefined;
}

function fieldOf(answer: S3Answer, name: string): string {
  return unescapeXml(new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.text())?.[1] ?? '');
}

/** Why a part is refused; undefined when the emulator is to take it. */
export async function partRefusal(
  { uploads, index, feed, clock }: ObjectWatch,
  { headers, body }: EdgeRequest,
  { checksum, onAnswer }: S3Request,
  operation: Operation<'part'>,
): Promise<S3Refusal | undefined> {
  const source = copySourceOf(headers);
  if (source !== undefined) await feed.settled();
  const refusal = uploads.partRefusal(operation, operation.number, checksum) ?? copyRefusal(headers, index);
  if (refusal !== undefined) return refusal;
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headerOf(headers, 'x-amz-copy-source-range') ?? '') ?? [];
  const copied = source && index.get(source.bucket, source.key)?.size;
  const content = source === undefined ? (body as Buffer) : undefined;
  onAnswer.push(
    whenDone((answer) => {
      uploads.setPart(operation, Number(operation.number), {
        size: content?.length ?? (from === undefined ? (copied ?? 0) : Number(to) - Number(from) + 1),
        eTag: (answer.eTag || fieldOf(answer, 'ETag')).replaceAll('"', ''),
        lastModified: new Date(clock.now()),
        checksum,
        content,
      });
      return checksumHeader(checksum);
    }),
  );
  return undefined;
}

/** Why there is nothing to abort; undefined when the emulator is to abort the upload. */
export function abortRefusal({ uploads }: ObjectWatch, s3: S3Request, upload: UploadAddress): S3Refusal | undefined {
  s3.onAnswer.push(
    whenDone(() => {
      uploads.abort(upload);
      return {};
    }),
  );
  return uploads.refusal(upload);
}

/** Names that a GET may give to the answer's headers (S3 API Reference, "GetObject"). */
const OVERRIDE =
  /^response-(cache-control|content-disposition|content-encoding|content-language|content-type|expires)$/;

/** Why a GET or HEAD is refused; undefined when the emulator is to answer, with headers that are added. */
export function readRefusal(
  { index }: ObjectWatch,
  request: EdgeRequest,
  s3: S3Request,
  { bucket, key }: ObjectAddress,
): S3Refusal | undefined {
  const { headers, method } = request;
  const overrides = Object.entries(s3.parameters).filter(([name]) => OVERRIDE.test(name));
  if (overrides.length > 0 && accessKeyIdOf(headers, s3.parameters) === undefined) {
    const message = 'Request specific response headers cannot be used for anonymous GET requests.';
    return { status: 400, code: 'InvalidRequest', message };
  }
  // The emulator would answer as if it had been asked for nothing but the object.
  const isOfPart = headers.range !== undefined || 'partNumber' in s3.parameters;
  if (method === 'HEAD' && (isOfPart || isConditional(headers)))
    return notImplemented('a HEAD with conditions or of a part');
  s3.onAnswer.push(
    whenDone(({ status }) => {
      const settings = index.get(bucket, key)?.settings;
      const count = settings?.tags.length ?? 0;
      const isWhole = status === 200 && headers['x-amz-checksum-mode'] !== undefined;
      return {
        ...settings?.headers,
        ...(count > 0 && { 'x-amz-tagging-count': String(count) }),
        ...(isWhole && checksumHeader(settings?.checksum)),
        ...Object.fromEntries(overrides.map(([name, value]) => [name.slice('response-'.length), value])),
      };
    }),
  );
  return undefined;
}

/** The answer to GetObjectTagging. */
export function tagsAnswer({ index }: ObjectWatch, { bucket, key }: ObjectAddress): string | S3Refusal {
  const object = index.get(bucket, key);
  return object === undefined ? NO_SUCH_KEY : taggingXml(object.settings.tags);
}
