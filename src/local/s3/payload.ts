import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Checksum, checksumOf, hasLengthOf, isKnownAlgorithm } from './checksum.ts';
import { headerOf } from './request.ts';
import { invalidArgument, notImplemented, type S3Refusal } from './xml.ts';

/** A body as S3 stores it. */
interface Payload {
  /** Without `aws-chunked`. */
  readonly content: Buffer;
  /** That the client sent, verified. */
  readonly checksum?: Checksum;
}

/**
 * Reads a body and verifies what was sent to verify it: chunks and their trailer, `Content-MD5`, `x-amz-content-sha256`,
 * `x-amz-checksum-*`. The signatures of chunks are not verified.
 *
 * On a checksum that a presigned URL carries in its query, outside the signed headers, public sources disagree: users of
 * the SDKs (aws/aws-sdk#480, aws/aws-sdk-go-v2#2610) and LocalStack, which records AWS, saw S3 ignore it; others
 * (seaweedfs/seaweedfs#10216) say that S3 refuses the body. Here it counts, because other S3 services refuse the body.
 */
export function readPayload(headers: IncomingHttpHeaders, body: Buffer): Payload | S3Refusal {
  const sha256 = headerOf(headers, 'x-amz-content-sha256');
  const isStream = sha256?.startsWith('STREAMING-') === true;
  if (sha256 !== undefined && !isStream && sha256 !== 'UNSIGNED-PAYLOAD' && !/^[0-9a-f]{64}$/.test(sha256)) {
    return invalidArgument('x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-... or a valid sha256 value.');
  }
  if (headers['transfer-encoding'] !== undefined && !isStream) return UNKNOWN_LENGTH;
  const isChunked = isStream || encodingsOf(headers).includes('aws-chunked');
  const stream = isChunked ? readChunks(headers, body) : { content: body, trailers: {} };
  if ('code' in stream) return stream;
  const { content, trailers } = stream;
  const isHash = sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256);
  const hash = isHash ? createHash('sha256').update(content).digest('hex') : sha256;
  if (hash !== sha256) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    return { status: 400, code: 'XAmzContentSHA256Mismatch', message };
  }
  return md5Refusal(headers, content) ?? withChecksum({ ...headers, ...trailers }, content);
}

/** S3's answer to a body whose length is not announced, as from `curl -T -`. */
const UNKNOWN_LENGTH: S3Refusal = {
  status: 501,
  code: 'NotImplemented',
  message: 'A header you provided implies functionality that is not implemented',
  details: { Header: 'Transfer-Encoding' },
};

/** The content encodings of a body; `aws-chunked` is none that S3 keeps. */
export function encodingsOf(headers: IncomingHttpHeaders): string[] {
  const names = headerOf(headers, 'content-encoding')?.split(',') ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** Bytes of every chunk but the last (S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks"). */
const MIN_CHUNK = 8192;

interface Stream {
  readonly content: Buffer;
  /** Names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** `<size in hex>[;chunk-signature=...]\r\n<bytes>\r\n` for each chunk, one of size 0, then the trailer's lines. */
function readChunks(headers: IncomingHttpHeaders, body: Buffer): Stream | S3Refusal {
  const length = headerOf(headers, 'x-amz-decoded-content-length');
  if (length === undefined) {
    const message = 'You must provide the Content-Length HTTP header: x-amz-decoded-content-length is missing.';
    return { status: 411, code: 'MissingContentLength', message };
  }
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = body.indexOf('\r\n', position);
    const size = /^([0-9a-f]{1,8})(;.*)?$/i.exec(body.toString('latin1', position, Math.max(end, position)))?.[1];
    if (size === undefined) return INCOMPLETE;
    const start = end + 2;
    position = start + Number.parseInt(size, 16);
    if (position === start) break;
    if (body.toString('latin1', position, position + 2) !== '\r\n') return INCOMPLETE;
    chunks.push(body.subarray(start, position));
    position += 2;
  }
  if (chunks.slice(0, -1).some((chunk) => chunk.length < MIN_CHUNK)) {
    const message = 'Only the last chunk is allowed to have a size less than 8192 bytes';
    return { status: 403, code: 'InvalidChunkSizeError', message };
  }
  const content = Buffer.concat(chunks);
  if (content.length !== Number(length)) return INCOMPLETE;
  return readTrailers(headers, content, body.toString('latin1', position));
}

const INCOMPLETE: S3Refusal = {
  status: 400,
  code: 'IncompleteBody',
  message: 'The request body terminated unexpectedly, or is not of the length that was announced.',
};

/** The trailer holds exactly what `x-amz-trailer` announces, and a signature that is not verified. */
function readTrailers(headers: IncomingHttpHeaders, content: Buffer, text: string): Stream | S3Refusal {
  const lines = text.split('\r\n').filter((line) => line !== '' && !line.startsWith('x-amz-trailer-signature:'));
  const pairs = lines.map((line) => {
    const [name = '', ...value] = line.split(':');
    return [name.trim().toLowerCase(), value.join(':').trim()] as const;
  });
  const announced = headerOf(headers, 'x-amz-trailer')?.toLowerCase().split(/,\s*/) ?? [];
  const sent = pairs.map(([name]) => name);
  if (announced.toSorted().join() === sent.toSorted().join()) return { content, trailers: Object.fromEntries(pairs) };
  const message =
    'The request contained trailing data that was not well-formed or did not conform to our published schema.';
  return { status: 400, code: 'MalformedTrailerError', message };
}

function md5Refusal(headers: IncomingHttpHeaders, content: Buffer): S3Refusal | undefined {
  const expected = headerOf(headers, 'content-md5');
  if (expected === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]{22}==$/.test(expected)) {
    return { status: 400, code: 'InvalidDigest', message: 'The Content-MD5 you specified was invalid.' };
  }
  if (createHash('md5').update(content).digest('base64') === expected) return undefined;
  return { status: 400, code: 'BadDigest', message: 'The Content-MD5 you specified did not match what we received.' };
}

/** Names of headers that say something of checksums, and are none. */
const NO_CHECKSUM = /^x-amz-checksum-(algorithm|mode|type)$/;

function withChecksum(headers: IncomingHttpHeaders, content: Buffer): Payload | S3Refusal {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-') && !NO_CHECKSUM.test(name));
  const [header] = names;
  if (names.length > 1) {
    return invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const announced = headerOf(headers, 'x-amz-sdk-checksum-algorithm')?.toLowerCase();
  if (header === undefined) {
    if (announced === undefined) return { content };
    const without = 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer';
    return invalidRequest(`${without} headers were found.`);
  }
  const algorithm = header.slice('x-amz-checksum-'.length);
  if (!isKnownAlgorithm(algorithm)) return notImplemented(`the checksum ${header}`);
  if (announced !== undefined && announced !== algorithm) {
    return invalidRequest('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  }
  const value = headerOf(headers, header) ?? '';
  if (!hasLengthOf(algorithm, value)) return invalidRequest(`Value for ${header} header is invalid.`);
  if (checksumOf(algorithm, [content]) === value) return { content, checksum: { header, value } };
  const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
  return { status: 400, code: 'BadDigest', message };
}

function invalidRequest(message: string): S3Refusal {
  return { status: 400, code: 'InvalidRequest', message };
}
