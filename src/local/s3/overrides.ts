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
import { abortRefusal, beginRefusal, partRefusal, readRefusal, tagsAnswer, writeRefusal } from './object-requests.ts';
import { formHeaders, settingsOf, settingsRefusal } from './object-settings.ts';
import { type ObjectWatch, objectPath } from './object-watch.ts';
import { readPayload } from './payload.ts';
import { postFormRefusal, readPostForm } from './post-form.ts';
import {
  accessKeyIdOf,
  authorizationFor,
  type EdgeRequest,
  type EmulatorApp,
  headerOf,
  keyRefusal,
} from './request.ts';
import { element, notImplemented, type S3Refusal, unescapeXml } from './xml.ts';

/**
 * Answers what the emulator would answer wrongly, and finds out which object an upload form is about.
 *
 * @returns The answer's XML, a refusal, or undefined when the emulator is to answer.
 */
export async function overriddenAnswer(
  app: EmulatorApp,
  watch: ObjectWatch,
  configurations: NotificationConfigurations,
  request: EdgeRequest,
  s3: S3Request,
): Promise<string | S3Refusal | undefined> {
  const { operation, parameters } = s3;
  const { index, feed, clock, uploads } = watch;
  switch (operation.kind) {
    case 'write':
      return writeRefusal(watch, request, s3, operation);
    case 'read':
      return readRefusal(watch, request, s3, operation);
    case 'get-tags':
      return tagsAnswer(watch, operation);
    case 'begin-upload':
      return beginRefusal(watch, request, s3, operation);
    case 'part':
      return partRefusal(watch, request, s3, operation);
    case 'list-parts':
      return uploads.refusal(operation) ?? uploads.listXml(operation, parameters);
    case 'abort-upload':
      return abortRefusal(watch, s3, operation);
    case 'get-location':
      return (await bucketRefusal(app, operation.bucket)) ?? LOCATION;
    case 'list-objects': {
      await feed.settled();
      const objects = index.list(operation.bucket);
      // The emulator knows whether an empty bucket exists.
      return objects.length === 0 ? undefined : listObjectsXml(operation.bucket, parameters, objects);
    }
    case 'delete-objects': {
      if (s3.checksum === undefined && request.headers['content-md5'] === undefined) return NO_DIGEST;
      const body = String(request.body);
      if (CONDITIONS_OF_DELETE.test(body)) return notImplemented('versions and conditions in this list of keys');
      const accessKeyId = accessKeyIdOf(request.headers, parameters);
      return (await deleteObjects(app, operation.bucket, body, accessKeyId)) ?? MALFORMED_DELETE;
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

/** Of a bucket in us-east-1: empty. */
const LOCATION =
  '<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';

const NO_DIGEST: S3Refusal = {
  status: 400,
  code: 'InvalidRequest',
  message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
};

/** What a key of DeleteObjects may name beside itself; objects here have no version but `null`. */
const CONDITIONS_OF_DELETE = /<(ETag|LastModifiedTime|Size|VersionId)>(?!null<)/;

const MALFORMED_DELETE: S3Refusal = {
  status: 400,
  code: 'MalformedXML',
  message: 'Expected a Delete document with 1 to 1000 keys, none of them empty.',
};

/** Turns the request of a form into a write of its object; a refusal when the form must not go further. */
function readForm(request: EdgeRequest, s3: S3Request, bucket: string, now: number): S3Refusal | undefined {
  const form = readPostForm(request.body as Buffer, s3.contentType ?? '');
  if (form === undefined) return undefined;
  const refusal = keyRefusal(form.key) ?? postFormRefusal(form, bucket, now);
  if (refusal !== undefined) return refusal;
  const headers = formHeaders(form.fields);
  const payload = readPayload(headers, form.file ?? Buffer.alloc(0));
  if ('code' in payload) return payload;
  request.body = form.body;
  s3.operation = { kind: 'write', change: 'Post', bucket, key: form.key };
  s3.parameters = form.fields;
  s3.settings = settingsOf(headers, payload.checksum);
  return settingsRefusal(headers);
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
