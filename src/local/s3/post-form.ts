import type { Parameters } from './request.ts';
import { policySignatureRefusal } from './signature.ts';
import { invalidArgument, type S3Refusal } from './xml.ts';

/** An upload form ("POST Object" in the S3 API Reference). */
interface PostForm {
  /** With `${filename}` put in. */
  readonly key: string;
  /** By their names in lower case, without the file. */
  readonly fields: Parameters;
  /** The form with this key in it. */
  readonly body: Buffer;
  /** Undefined when there is none. */
  readonly file: Buffer | undefined;
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
export function readPostForm(body: Buffer, contentType: string): PostForm | undefined {
  const boundary = /boundary=([^\s;]+)/i.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const fields: Record<string, string> = {};
  let keyPart: Part | undefined;
  let filename = '';
  let file: Buffer | undefined;
  for (const part of formParts(body, boundary)) {
    const disposition = DISPOSITION.exec(part.headers);
    if (disposition === null) continue;
    const [, name = '', givenName] = disposition;
    if (name === 'file' || givenName !== undefined) {
      filename = givenName?.split(/[/\\]/).at(-1) ?? '';
      file = body.subarray(part.start, part.end);
      break;
    }
    fields[name.toLowerCase()] = body.toString('utf8', part.start, part.end);
    if (name.toLowerCase() === 'key') keyPart = part;
  }
  const key = fields.key?.replaceAll(/\$\{filename\}/g, () => filename);
  if (keyPart === undefined || key === undefined || key === '') return undefined;
  const resolved = [body.subarray(0, keyPart.start), Buffer.from(key), body.subarray(keyPart.end)];
  return { key, fields, file, body: key === fields.key ? body : Buffer.concat(resolved) };
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
export function postFormRefusal(form: PostForm, bucket: string, now: number): S3Refusal | undefined {
  const fields: Parameters = { ...form.fields, key: form.key };
  const [field] =
    Object.entries(fields).find(([name, text]) => /^x-amz-meta-/.test(name) && /[^\x20-\x7e]/.test(text)) ?? [];
  if (field !== undefined) return invalidArgument(`The local stack accepts only ASCII in the field ${field}.`);
  if (form.file === undefined) return invalidArgument('POST requires exactly one file upload per request.');
  if (fields.policy !== undefined) {
    return policySignatureRefusal(fields) ?? policyRefusal(fields.policy, fields, bucket, form.file.length, now);
  }
  const isSigned = ['x-amz-signature', 'x-amz-credential', 'signature', 'awsaccesskeyid'].some(
    (name) => name in fields,
  );
  const absent = `Bucket POST must contain a field named 'policy'. If it is specified, please check the order of the fields.`;
  return isSigned ? invalidArgument(absent) : undefined;
}

/** One condition of a policy. */
type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly min: number; readonly max: number };

/** Fields that no condition need name (S3 API Reference, "POST Policy"); those of version 2 are from boto's policies. */
const FREE_FIELDS = /^(x-amz-signature|file|policy|awsaccesskeyid|signature|x-ignore-.*)$/;

/** Holds a form against its policy, whose signature has been verified. @param size of the file, in bytes */
function policyRefusal(
  encoded: string,
  fields: Parameters,
  bucket: string,
  size: number,
  now: number,
): S3Refusal | undefined {
  const policy = parsePolicy(encoded);
  if (typeof policy === 'string') return invalidPolicy(policy);
  if (now > policy.expiration) return against('Policy expired.');
  const named = policy.conditions.map((condition) =>
    condition.kind === 'content-length-range' ? '' : condition.field,
  );
  const extra = Object.keys(fields).filter((name) => !FREE_FIELDS.test(name) && !named.includes(name));
  if (extra.length > 0) return against(`Extra input fields: ${extra.join(', ')}`);
  for (const condition of policy.conditions) {
    const refusal = conditionRefusal(condition, { bucket, ...fields }, size);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function against(detail: string): S3Refusal {
  return { status: 403, code: 'AccessDenied', message: `Invalid according to Policy: ${detail}` };
}

function invalidPolicy(detail: string): S3Refusal {
  return { status: 400, code: 'InvalidPolicyDocument', message: `Invalid Policy: ${detail}` };
}

function conditionRefusal(condition: Condition, fields: Parameters, size: number): S3Refusal | undefined {
  if (condition.kind === 'content-length-range') return sizeRefusal(condition.min, condition.max, size);
  const { kind, field, value } = condition;
  const found = fields[field] ?? '';
  // Of a content type that is a list, each must match (S3 API Reference, "POST Policy").
  const candidates = field === 'content-type' && kind === 'starts-with' ? found.split(/,\s*/) : [found];
  const holds = candidates.every((text) => (kind === 'eq' ? text === value : text.startsWith(value)));
  return holds ? undefined : against(`Policy Condition failed: ["${kind}", "$${field}", "${value}"]`);
}

function sizeRefusal(min: number, max: number, size: number): S3Refusal | undefined {
  if (size < min) {
    const message = 'Your proposed upload is smaller than the minimum allowed size';
    const details = { ProposedSize: String(size), MinSizeAllowed: String(min) };
    return { status: 400, code: 'EntityTooSmall', message, details };
  }
  if (size <= max) return undefined;
  const message = 'Your proposed upload exceeds the maximum allowed size';
  const details = { ProposedSize: String(size), MaxSizeAllowed: String(max) };
  return { status: 400, code: 'EntityTooLarge', message, details };
}

interface Policy {
  /** Milliseconds since 1970. */
  readonly expiration: number;
  readonly conditions: readonly Condition[];
}

/** A policy, or what is wrong with it. */
function parsePolicy(encoded: string): Policy | string {
  const parsed = parseObject(Buffer.from(encoded, 'base64').toString());
  if (parsed === undefined) return 'Invalid JSON.';
  const expiration = Date.parse(String(parsed.expiration));
  if (parsed.expiration === undefined) return 'Policy missing expiration.';
  if (Number.isNaN(expiration)) return `Invalid 'expiration' value: '${String(parsed.expiration)}'`;
  if (!Array.isArray(parsed.conditions)) return 'Policy missing conditions.';
  const conditions = parsed.conditions.map(toCondition);
  const isCondition = (condition: Condition | undefined) => condition !== undefined;
  if (conditions.every(isCondition)) return { expiration, conditions };
  const index = conditions.indexOf(undefined);
  return `Invalid condition: ${JSON.stringify(parsed.conditions[index])}`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** `{"field": "value"}`, `["eq", "$field", "value"]`, `["starts-with", "$field", "start"]`, `["content-length-range", 1, 9]`. */
function toCondition(condition: unknown): Condition | undefined {
  if (!Array.isArray(condition)) {
    const [pair, ...more] = Object.entries(condition ?? {});
    return pair === undefined || more.length > 0 ? undefined : match('eq', `$${pair[0]}`, pair[1]);
  }
  const [operator, first, second]: readonly unknown[] = condition;
  const kind = String(operator).toLowerCase();
  if (kind === 'eq' || kind === 'starts-with') return match(kind, first, second);
  const [min, max] = [Number(first), Number(second)];
  return kind === 'content-length-range' && min >= 0 && max >= min ? { kind, min, max } : undefined;
}

function match(kind: 'eq' | 'starts-with', field: unknown, value: unknown): Condition | undefined {
  if (typeof field !== 'string' || !field.startsWith('$') || typeof value !== 'string') return undefined;
  return { kind, field: field.slice(1).toLowerCase(), value };
}
