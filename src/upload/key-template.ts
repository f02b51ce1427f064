import { UploadLedgerError } from '../contract/errors.ts';
import { keyTemplateFaults, keyTemplateSegments, type TemplateSegment } from '../contract/key-template.ts';

/** A key template, checked and ready to match. The language is described in `contract/key-template.ts`. */
export interface KeyTemplate {
  /** As it was configured. */
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
}

/** A key template that breaks a rule. Raised at start, so that no upload is ever recorded under a misread template. */
export class KeyTemplateError extends UploadLedgerError {
  override readonly name = 'KeyTemplateError';

  constructor(template: string, faults: readonly string[]) {
    const came = JSON.stringify(template.slice(0, 100));
    super(
      'invalid-key-template',
      `Expected a key template such as uploads/{uploader}/{*}, got ${came}: ${faults.join('; ')}.`,
    );
  }
}

/** @throws {KeyTemplateError} with every fault at once. */
export function parseKeyTemplate(text: string): KeyTemplate {
  const faults = keyTemplateFaults(text);
  if (faults.length > 0) throw new KeyTemplateError(text, faults);
  return { text, segments: keyTemplateSegments(text) };
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
