import { refuse, type Visit } from './edge.ts';
import { listObjectsXml } from './object-index.ts';
import { type ObjectWatch, objectPath } from './object-watch.ts';
import { accessKeyIdOf, authorizationFor, type EdgeRequest, type EmulatorApp, keyRefusal } from './request.ts';
import { element, type S3Refusal, unescapeXml } from './xml.ts';

/** Answers what the emulator would answer wrongly, and finds out which object an upload form is about. */
export function installOwnAnswers(app: EmulatorApp, watch: ObjectWatch): void {
  app.addHook('preHandler', async (request, reply) => {
    const visit = watch.edge.visitOf(request);
    const answer = visit === undefined ? undefined : await ownAnswer(app, watch, request, visit);
    if (visit === undefined || answer === undefined) return undefined;
    if (typeof answer === 'string') reply.type('application/xml').send(answer);
    else refuse(reply, answer, visit.requestId);
    return reply;
  });
}

/** The answer's XML, a refusal, or undefined when the emulator is to answer. */
async function ownAnswer(
  app: EmulatorApp,
  { index, feed, now }: ObjectWatch,
  request: EdgeRequest,
  visit: Visit,
): Promise<string | S3Refusal | undefined> {
  const { operation, parameters } = visit;
  switch (operation.kind) {
    case 'list-objects': {
      await feed.settled();
      const objects = index.list(operation.bucket);
      // Of an empty bucket the emulator tells whether it exists.
      return objects.length === 0 ? undefined : listObjectsXml(operation.bucket, parameters, objects);
    }
    case 'delete-objects': {
      const accessKeyId = accessKeyIdOf(request.headers, parameters);
      return (await deleteObjects(app, operation.bucket, String(request.body), accessKeyId)) ?? MALFORMED_DELETE;
    }
    case 'post-form':
      return enterForm(request, visit, operation.bucket, now());
    default:
      return undefined;
  }
}

const MALFORMED_DELETE: S3Refusal = {
  status: 400,
  code: 'MalformedXML',
  message: 'Expected a Delete document with 1 to 1000 keys, none of them empty.',
};

/** Turns a form's visit into one about its object; the refusal, if the form must not go further. */
function enterForm(request: EdgeRequest, visit: Visit, bucket: string, now: number): S3Refusal | undefined {
  const form = readPostForm(request.body as Buffer, visit.contentType ?? '');
  if (form === undefined) return undefined;
  request.body = form.body;
  visit.operation = { kind: 'write', change: 'Post', bucket, key: form.key };
  visit.parameters = form.fields;
  return keyRefusal(form.key) ?? postFormRefusal(form, now);
}

/** Most keys that one DeleteObjects may name (S3 API Reference). */
const MOST_KEYS = 1000;

/**
 * Answers DeleteObjects by deleting one object after the other, so that each goes the way of a single DELETE.
 *
 * The emulator's own resolves XML references twice: it would delete `a<b` when asked for `a&lt;b`.
 *
 * @param accessKeyId On whose behalf, if anybody's.
 * @returns The answer's XML, or undefined when the body names no key or too many.
 */
export async function deleteObjects(
  app: EmulatorApp,
  bucket: string,
  body: string,
  accessKeyId: string | undefined,
): Promise<string | undefined> {
  const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) => unescapeXml(text));
  if (keys.length === 0 || keys.length > MOST_KEYS || keys.includes('')) return undefined;
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/i.test(body);
  const headers = accessKeyId === undefined ? {} : { authorization: authorizationFor(accessKeyId) };
  const results: string[] = [];
  for (const key of keys) {
    const answer = await app.inject({ method: 'DELETE', url: objectPath(bucket, key), headers });
    if (answer.statusCode >= 300) results.push(failure(key, answer.body));
    else if (!isQuiet) results.push(`<Deleted>${element('Key', key)}</Deleted>`);
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    ...results,
    '</DeleteResult>',
  ].join('\n');
}

function failure(key: string, errorXml: string): string {
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(errorXml)?.[0] ?? '';
  return `<Error>${element('Key', key)}${field('Code')}${field('Message')}</Error>`;
}

/** What an upload form says besides the file. */
export interface PostForm {
  /** With `${filename}` put in. */
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
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
 * Reads the fields of an upload form up to the file, as S3 does ("POST Object": fields after the file are ignored).
 *
 * The file's name is put into the key here, because the emulator takes a `$&` in it for a replacement pattern.
 *
 * @returns Undefined when the form names no key: the emulator answers that itself.
 */
export function readPostForm(body: Buffer, contentType: string): PostForm | undefined {
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

/** Why a form is refused at `now` (milliseconds since 1970), if it is. */
export function postFormRefusal({ fields }: PostForm, now: number): S3Refusal | undefined {
  const foreign = Object.entries(fields).find(
    ([name, value]) => /^x-amz-meta-/i.test(name) && /[^\x20-\x7e]/.test(value),
  );
  if (foreign !== undefined) {
    return {
      status: 400,
      code: 'InvalidArgument',
      message: `The local stack takes ASCII only in the field ${foreign[0]}.`,
    };
  }
  const expiration = policyExpiration(fields);
  if (expiration === undefined || now <= expiration) return undefined;
  return { status: 403, code: 'AccessDenied', message: 'Invalid according to Policy: Policy expired.' };
}

/** When the form's policy expires; undefined without a policy, 1970 for one that cannot be read. */
function policyExpiration(fields: Readonly<Record<string, string>>): number | undefined {
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
