import type { IncomingHttpHeaders } from 'node:http';
import { type Checksum, checksumOf, isKnownAlgorithm } from './checksum.ts';
import { NO_SETTINGS, type ObjectSettings, settingsOf } from './object-settings.ts';
import { headerOf, type Parameters, type UploadAddress } from './request.ts';
import { element, invalidArgument, notImplemented, type S3Refusal, unescapeXml } from './xml.ts';

interface Part {
  readonly size: number;
  /** Without quotes. */
  readonly eTag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
  /** Undefined of a part that was copied. */
  readonly content: Buffer | undefined;
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly settings: ObjectSettings;
  /** Such as `crc32`; undefined when the upload names none. */
  readonly algorithm: string | undefined;
  /** Whether the object's checksum is that of its content, and not one of its parts' checksums. */
  readonly isFullObject: boolean;
  readonly parts: Map<number, Part>;
}

/** Of an upload (S3 User Guide, "Amazon S3 multipart upload limits"). */
const MAX_PARTS = 10_000;
/** Of a listing. */
const MAX_LISTED = 1000;

/** What the emulator does not tell of the multipart uploads under way. */
export class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();

  /** Why S3 begins no upload with these headers; undefined when it does. */
  static beginRefusal(headers: IncomingHttpHeaders): S3Refusal | undefined {
    const algorithm = headerOf(headers, 'x-amz-checksum-algorithm')?.toLowerCase();
    const type = headerOf(headers, 'x-amz-checksum-type');
    if (algorithm !== undefined && !isKnownAlgorithm(algorithm)) return notImplemented(`the checksum ${algorithm}`);
    if (type === undefined) return undefined;
    const isWrong = type === 'FULL_OBJECT' ? /^sha/.test(algorithm ?? '') : algorithm === 'crc64nvme';
    if (algorithm !== undefined && !isWrong && /^(FULL_OBJECT|COMPOSITE)$/.test(type)) return undefined;
    return invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm ?? 'null'} checksum algorithm.`,
    );
  }

  begin({ bucket, key, uploadId }: UploadAddress, headers: IncomingHttpHeaders): void {
    const algorithm = headerOf(headers, 'x-amz-checksum-algorithm')?.toLowerCase();
    const isFullObject = headerOf(headers, 'x-amz-checksum-type') === 'FULL_OBJECT' || algorithm === 'crc64nvme';
    this.#uploads.set(uploadId, {
      bucket,
      key,
      settings: settingsOf(headers),
      algorithm,
      isFullObject,
      parts: new Map(),
    });
  }

  setPart({ uploadId }: UploadAddress, number: number, part: Part): void {
    this.#uploads.get(uploadId)?.parts.set(number, part);
  }

  abort({ uploadId }: UploadAddress): void {
    this.#uploads.delete(uploadId);
  }

  /** Ends an upload. @param body the list of its parts @returns what its object keeps */
  complete({ uploadId }: UploadAddress, body: string): ObjectSettings {
    const upload = this.#uploads.get(uploadId);
    this.#uploads.delete(uploadId);
    if (upload === undefined) return NO_SETTINGS;
    const { settings, algorithm, isFullObject, parts } = upload;
    const listed = listedParts(body).map((part) => parts.get(numberOf(part))?.content);
    const contents = listed.filter((content) => content !== undefined);
    if (algorithm === undefined || !isFullObject || contents.length < listed.length) return settings;
    return { ...settings, checksum: { header: `x-amz-checksum-${algorithm}`, value: checksumOf(algorithm, contents) } };
  }

  /** Why there is no such upload of this object; undefined when there is. */
  refusal({ bucket, key, uploadId }: UploadAddress): S3Refusal | undefined {
    const upload = this.#uploads.get(uploadId);
    return upload?.bucket === bucket && upload.key === key ? undefined : NO_SUCH_UPLOAD;
  }

  /** Why a part is not taken; undefined when it is. */
  partRefusal(target: UploadAddress, number: string, checksum: Checksum | undefined): S3Refusal | undefined {
    const isNumber = /^\d{1,5}$/.test(number) && Number(number) >= 1 && Number(number) <= MAX_PARTS;
    if (!isNumber) return invalidArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
    const expected = this.#uploads.get(target.uploadId)?.algorithm;
    const actual = checksum?.header.slice('x-amz-checksum-'.length);
    // Until 2024 S3 refused the checksum of a part also where the upload names no algorithm; whether it still does, public
    // sources do not say.
    if (expected !== undefined && actual !== undefined && expected !== actual) {
      return invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
      );
    }
    return this.refusal(target);
  }

  /** Why an upload cannot be completed with this list of parts; undefined when it can, as far as checksums go. */
  completeRefusal(target: UploadAddress, body: string, headers: IncomingHttpHeaders): S3Refusal | undefined {
    const upload = this.#uploads.get(target.uploadId);
    const refusal = this.refusal(target);
    if (upload === undefined || refusal !== undefined) return refusal;
    const listed = listedParts(body);
    if (listed.length === 0) {
      const message = 'The XML you provided was not well-formed or did not validate against our published schema';
      return { status: 400, code: 'MalformedXML', message };
    }
    const parts = listed.map((part) => upload.parts.get(numberOf(part)));
    const wrong = listed
      .map((part, index) => listedPartRefusal(part, parts[index], upload))
      .find((found) => found !== undefined);
    return wrong ?? wholeRefusal(headers, parts);
  }

  /** The answer to ListParts. */
  listXml({ bucket, key, uploadId }: UploadAddress, query: Parameters): string {
    const upload = this.#uploads.get(uploadId);
    const max = Math.min(Number(query['max-parts'] ?? MAX_LISTED) || 0, MAX_LISTED);
    const marker = Number(query['part-number-marker'] ?? 0) || 0;
    const following = [...(upload?.parts ?? [])]
      .filter(([number]) => number > marker)
      .sort(([left], [right]) => left - right);
    const page = following.slice(0, max);
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      element('Bucket', bucket),
      element('Key', key),
      element('UploadId', uploadId),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', page.at(-1)?.[0] ?? 0),
      element('MaxParts', max),
      element('IsTruncated', page.length < following.length),
      element('StorageClass', upload?.settings.headers['x-amz-storage-class'] ?? 'STANDARD'),
      ...(upload?.algorithm === undefined ? [] : [element('ChecksumAlgorithm', upload.algorithm.toUpperCase())]),
      ...page.map(([number, part]) => partXml(number, part)),
      '</ListPartsResult>',
    ].join('\n');
  }
}

function listedParts(body: string): readonly string[] {
  return [...body.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = '']) => part);
}

function numberOf(listedPart: string): number {
  return Number(/<PartNumber>(\d+)</.exec(listedPart)?.[1]);
}

const NO_SUCH_UPLOAD: S3Refusal = {
  status: 404,
  code: 'NoSuchUpload',
  message:
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
};

function invalidRequest(message: string): S3Refusal {
  return { status: 400, code: 'InvalidRequest', message };
}

/** Such as `ChecksumCRC32`. */
function checksumTag(header: string): string {
  return `Checksum${header.slice('x-amz-checksum-'.length).toUpperCase()}`;
}

function partXml(number: number, { size, eTag, lastModified, checksum }: Part): string {
  const fields = [
    element('PartNumber', number),
    element('LastModified', lastModified.toISOString()),
    element('ETag', `"${eTag}"`),
    element('Size', size),
    ...(checksum === undefined ? [] : [element(checksumTag(checksum.header), checksum.value)]),
  ];
  return `<Part>${fields.join('')}</Part>`;
}

/** Holds the checksum of one part of the list against that of the part. Whether the eTags are right, the emulator says. */
function listedPartRefusal(
  listed: string,
  part: Part | undefined,
  { algorithm, isFullObject }: Upload,
): S3Refusal | undefined {
  const [, tag = '', value] = /<(Checksum\w+)>([^<]*)</.exec(listed) ?? [];
  if (part === undefined) return undefined;
  if (value === undefined) {
    if (algorithm === undefined || isFullObject) return undefined;
    return invalidRequest(
      `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${numberOf(listed)} in the request.`,
    );
  }
  const { checksum } = part;
  if (checksum !== undefined && checksumTag(checksum.header) === tag && checksum.value === unescapeXml(value))
    return undefined;
  const message = 'One or more of the specified parts could not be found, or its checksum is another.';
  return { status: 400, code: 'InvalidPart', message };
}

/** Verifies the size and the checksum of the whole object, where the request names them. */
function wholeRefusal(headers: IncomingHttpHeaders, parts: readonly (Part | undefined)[]): S3Refusal | undefined {
  const size = headerOf(headers, 'x-amz-mp-object-size');
  const actual = parts.reduce((sum, part) => sum + (part?.size ?? 0), 0);
  if (size !== undefined && Number(size) !== actual) {
    return invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${actual}`,
    );
  }
  const header = Object.keys(headers).find((name) => /^x-amz-checksum-(?!algorithm$|mode$|type$)/.test(name));
  if (header === undefined) return undefined;
  const value = headerOf(headers, header) ?? '';
  const algorithm = header.slice('x-amz-checksum-'.length);
  const contents = parts.flatMap((part) => part?.content ?? []);
  // A composite one ends with the number of parts.
  if (/-\d+$/.test(value) || !isKnownAlgorithm(algorithm) || contents.length < parts.length) {
    return notImplemented(`${header} of this multipart upload`);
  }
  if (checksumOf(algorithm, contents) === value) return undefined;
  const message = `The ${algorithm} you specified did not match the calculated checksum.`;
  return { status: 400, code: 'BadDigest', message };
}
