import { UploadLedgerError } from './errors.ts';

/**
 * A key template says which part of an object's key names the uploader, such as `uploads/{uploader}/{*}`.
 *
 * It is a list of path segments with slashes between them, and a key matches segment by segment:
 * - `{uploader}`, exactly once: one segment, the uploader;
 * - `{*}`, only at the end: the rest of the key, slashes and all, or nothing;
 * - `{anything}`: one segment, whatever it holds;
 * - anything else: itself, letter by letter.
 *
 * A placeholder is always a whole segment and never matches an empty one, so that matching is one walk along the key.
 */
export interface KeyTemplate {
  /** As it was configured. */
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
}

type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'uploader' | 'any' | 'rest' };

/** No key is longer. */
const MAX_LENGTH = 1024;

/** A key template that breaks a rule. Raised at start, so that no upload is ever recorded under a misread template. */
export class KeyTemplateError extends UploadLedgerError {
  override readonly name = 'KeyTemplateError';

  constructor(template: string, issues: readonly string[]) {
    const came = JSON.stringify(template.slice(0, 100));
    const expected = 'Expected a key template such as uploads/{uploader}/{*}';
    super('invalid-key-template', `${expected}, got ${came}: ${issues.join('; ')}.`);
  }
}

/** @throws {KeyTemplateError} with every issue at once. */
export function parseKeyTemplate(text: string): KeyTemplate {
  const issues = keyTemplateIssues(text);
  if (issues.length > 0) throw new KeyTemplateError(text, issues);
  return { text, segments: toSegments(text) };
}

/** Everything that is wrong with the template, one sentence each. Checked at synth and again at start. */
export function keyTemplateIssues(template: string): readonly string[] {
  if (template === '') return ['it is empty: leave the setting out instead'];
  if (template.length > MAX_LENGTH)
    return [`it has ${template.length} characters, more than the ${MAX_LENGTH} of any key`];

  const segments = toSegments(template);
  const issues = segments.filter(isBroken).map(({ text }) => {
    const rule = 'a placeholder is a whole segment, as {uploader} is';
    return `the segment ${JSON.stringify(text)} mixes braces and text: ${rule}`;
  });
  const uploaders = segments.filter(({ kind }) => kind === 'uploader').length;
  if (uploaders !== 1) issues.push(`it holds {uploader} ${uploaders} times: it must hold it once`);
  const rest = segments.findIndex(({ kind }) => kind === 'rest');
  if (rest >= 0 && rest < segments.length - 1)
    issues.push('{*} matches the rest of the key: it must be the last segment');
  return issues;
}

function toSegments(template: string): readonly TemplateSegment[] {
  return template.split('/').map(toSegment);
}

function toSegment(text: string): TemplateSegment {
  if (text === '{uploader}') return { kind: 'uploader' };
  if (text === '{*}') return { kind: 'rest' };
  return /^\{[A-Za-z][\w-]*\}$/.test(text) ? { kind: 'any' } : { kind: 'literal', text };
}

function isBroken(segment: TemplateSegment): segment is TemplateSegment & { readonly kind: 'literal' } {
  return segment.kind === 'literal' && /[{}]/.test(segment.text);
}

/**
 * The uploader that `key` names by `template`, or undefined when the key has another form. One walk along the key,
 * whatever is in it: no segment is looked at twice.
 */
export function uploaderInKey(template: KeyTemplate, key: string): string | undefined {
  let uploader: string | undefined;
  let start = 0;
  for (const segment of template.segments) {
    // Past the last slash there is no further segment for the template to match.
    if (start > key.length) return undefined;
    if (segment.kind === 'rest') return uploader;
    const slash = key.indexOf('/', start);
    const end = slash < 0 ? key.length : slash;
    const text = key.slice(start, end);
    if (segment.kind === 'literal' ? text !== segment.text : text === '') return undefined;
    if (segment.kind === 'uploader') uploader = text;
    start = end + 1;
  }
  return start > key.length ? uploader : undefined;
}
