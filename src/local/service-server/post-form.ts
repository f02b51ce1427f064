import type { S3Refusal } from './s3-refusal.ts';

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
