import { destinationExists, queueUrlOf, sendMessages } from '../servers/queue-access.ts';
import type { S3Request } from './edge.ts';
import { listObjectsXml } from './list-objects.ts';
import { testEventBody } from './notification.ts';
import {
  configurationRefusal,
  configurationXml,
  destinationRefusal,
  type NotificationConfigurations,
  parseConfiguration,
} from './notification-configurations.ts';
import { type ObjectWatch, objectPath } from './object-watch.ts';
import {
  accessKeyIdOf,
  authorizationFor,
  type EdgeRequest,
  type EmulatorApp,
  headerOf,
  keyRefusal,
  type Parameters,
} from './request.ts';
import { element, type S3Refusal, unescapeXml } from './xml.ts';

/**
 * Answers what the emulator would answer wrongly, and finds out which object an upload form is about.
 *
 * @returns The answer's XML, a refusal, or undefined when the emulator is to answer.
 */
export async function overriddenAnswer(
  app: EmulatorApp,
  { index, feed, clock }: ObjectWatch,
  configurations: NotificationConfigurations,
  request: EdgeRequest,
  s3: S3Request,
): Promise<string | S3Refusal | undefined> {
  const { operation, parameters } = s3;
  switch (operation.kind) {
    case 'list-objects': {
      await feed.settled();
      const objects = index.list(operation.bucket);
      // The emulator knows whether an empty bucket exists.
      return objects.length === 0 ? undefined : listObjectsXml(operation.bucket, parameters, objects);
    }
    case 'delete-objects': {
      const accessKeyId = accessKeyIdOf(request.headers, parameters);
      return (await deleteObjects(app, operation.bucket, String(request.body), accessKeyId)) ?? MALFORMED_DELETE;
    }
    case 'get-notifications':
      return (await bucketRefusal(app, operation.bucket)) ?? configurationXml(configurations.get(operation.bucket));
    case 'put-notifications': {
      const refusal = await bucketRefusal(app, operation.bucket);
      return refusal ?? putNotifications(app, operation.bucket, request, configurations, new Date(clock.now()));
    }
    case 'post-form':
      return readForm(request, s3, operation.bucket, clock.now());
    default:
      return undefined;
  }
}

const MALFORMED_DELETE: S3Refusal = {
  status: 400,
  code: 'MalformedXML',
  message: 'Expected a Delete document with 1 to 1000 keys, none of them empty.',
};

/** Turns the request of a form into a write of its object; a refusal when the form must not go further. */
function readForm(request: EdgeRequest, s3: S3Request, bucket: string, now: number): S3Refusal | undefined {
  const form = readPostForm(request.body as Buffer, s3.contentType ?? '');
  if (form === undefined) return undefined;
  request.body = form.body;
  s3.operation = { kind: 'write', change: 'Post', bucket, key: form.key };
  s3.parameters = form.fields;
  return keyRefusal(form.key) ?? postFormRefusal(form, now);
}

async function bucketRefusal(app: EmulatorApp, bucket: string): Promise<S3Refusal | undefined> {
  const { statusCode } = await app.inject({ method: 'HEAD', url: `/${bucket}` });
  if (statusCode < 300) return undefined;
  return { status: 404, code: 'NoSuchBucket', message: 'The specified bucket does not exist' };
}

/**
 * Replaces a bucket's notification configuration, as S3 does: it looks whether all destinations are there, unless it is
 * told not to, and sends a test event to each queue. Functions of others are taken on trust.
 */
async function putNotifications(
  app: EmulatorApp,
  bucket: string,
  { body, headers }: EdgeRequest,
  configurations: NotificationConfigurations,
  at: Date,
): Promise<string | S3Refusal> {
  const configuration = parseConfiguration(String(body));
  const refusal = configurationRefusal(configuration);
  if (refusal !== undefined) return refusal;
  const isTrusted = headerOf(headers, 'x-amz-skip-destination-validation') === 'true';
  for (const { kind, destination } of isTrusted ? [] : configuration.entries) {
    const isThere = kind === 'CloudFunction' || (await destinationExists(app, destination));
    if (!isThere) return destinationRefusal(destination);
  }
  configurations.set(bucket, configuration);
  for (const { kind, destination } of configuration.entries) {
    if (kind !== 'Queue' || !(await destinationExists(app, destination))) continue;
    await sendMessages(app, queueUrlOf(destination), [{ body: testEventBody(bucket, at) }]);
  }
  return '';
}

/** Of one DeleteObjects (S3 API Reference). */
const MAX_KEYS = 1000;

/**
 * Answers DeleteObjects by deleting one object after the other, each as by a single DELETE of the same caller. The
 * emulator would resolve XML references twice, and delete `a<b` when asked for `a&lt;b`.
 *
 * @returns The answer's XML, or undefined when the body names no key or too many.
 */
async function deleteObjects(
  app: EmulatorApp,
  bucket: string,
  body: string,
  accessKeyId: string | undefined,
): Promise<string | undefined> {
  const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) => unescapeXml(text));
  if (keys.length === 0 || keys.length > MAX_KEYS || keys.includes('')) return undefined;
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/i.test(body);
  const headers = accessKeyId === undefined ? {} : { authorization: authorizationFor(accessKeyId) };
  const results: string[] = [];
  for (const key of keys) {
    const answer = await app.inject({ method: 'DELETE', url: objectPath(bucket, key), headers });
    if (answer.statusCode >= 300) results.push(failure(key, answer.body));
    else if (!isQuiet) results.push(`<Deleted>${element('Key', key)}</Deleted>`);
  }
  const root = '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
  return ['<?xml version="1.0" encoding="UTF-8"?>', root, ...results, '</DeleteResult>'].join('\n');
}

function failure(key: string, errorXml: string): string {
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(errorXml)?.[0] ?? '';
  return `<Error>${element('Key', key)}${field('Code')}${field('Message')}</Error>`;
}

/** An upload form without its file. */
interface PostForm {
  /** With `${filename}` put in. */
  readonly key: string;
  readonly fields: Parameters;
  /** The form with this key in it. */
  readonly body: Buffer;
}

interface Part {
  readonly headers: string;
  /** Where the content begins and ends in the form. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the fields of an upload form up to the file, as S3 does ("POST Object": fields after the file are ignored). The
 * file's name is put into the key here, because the emulator would take a `$&` in it for a replacement pattern.
 *
 * @returns Undefined when the form names no key: the emulator answers that itself.
 */
function readPostForm(body: Buffer, contentType: string): PostForm | undefined {
  const boundary = /boundary=([^\s;]+)/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const fields: Record<string, string> = {};
  let keyPart: Part | undefined;
  let filename = '';
  for (const part of formParts(body, boundary)) {
    const disposition = DISPOSITION.exec(part.headers);
    if (disposition === null) continue;
    const [, name = '', file] = disposition;
    if (name === 'file' || file !== undefined) {
      filename = file?.split(/[/\\]/).at(-1) ?? '';
      break;
    }
    fields[name] = body.toString('utf8', part.start, part.end);
    if (name === 'key') keyPart = part;
  }
  const key = fields.key?.replaceAll(/\$\{filename\}/g, () => filename);
  if (keyPart === undefined || key === undefined || key === '') return undefined;
  const resolved = [body.subarray(0, keyPart.start), Buffer.from(key), body.subarray(keyPart.end)];
  return { key, fields, body: key === fields.key ? body : Buffer.concat(resolved) };
}

const DISPOSITION = /Content-Disposition:\s*form-data;\s*name="([^"]+)"(?:;\s*filename="([^"]*)")?/i;

function* formParts(body: Buffer, boundary: string): Generator<Part> {
  const delimiter = Buffer.from(`--${boundary}`);
  let from = body.indexOf(delimiter);
  while (from >= 0) {
    const next = body.indexOf(delimiter, from + delimiter.length);
    if (next < 0) return;
    const blank = body.indexOf('\r\n\r\n', from);
    if (blank >= 0 && blank < next) {
      const headers = body.toString('utf8', from + delimiter.length, blank);
      yield { headers, start: blank + 4, end: Math.max(blank + 4, next - 2) };
    }
    from = next;
  }
}

/** Why a form is refused at `now` (milliseconds since 1970); undefined when it is not. */
function postFormRefusal({ fields }: PostForm, now: number): S3Refusal | undefined {
  const isNotAscii = ([name, value]: [string, string]) => /^x-amz-meta-/i.test(name) && /[^\x20-\x7e]/.test(value);
  const [field] = Object.entries(fields).find(isNotAscii) ?? [];
  if (field !== undefined) {
    const message = `The local stack takes ASCII only in the field ${field}.`;
    return { status: 400, code: 'InvalidArgument', message };
  }
  const expiration = policyExpiration(fields);
  if (expiration === undefined || now <= expiration) return undefined;
  return { status: 403, code: 'AccessDenied', message: 'Invalid according to Policy: Policy expired.' };
}

/** When the form's policy expires; undefined without a policy, 1970 for one that cannot be read. */
function policyExpiration(fields: Parameters): number | undefined {
  const policy = fields.policy ?? fields.Policy;
  if (policy === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(policy, 'base64').toString());
    const { expiration } = parsed as { expiration?: unknown };
    return Date.parse(String(expiration)) || 0;
  } catch {
    return 0;
  }
}
