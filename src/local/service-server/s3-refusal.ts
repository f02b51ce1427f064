import { element } from './xml.ts';

/** An error that S3 would answer, or that says plainly what the local stack does not do. */
export interface S3Refusal {
  readonly status: number;
  /** S3's error code, such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
  /** Further elements of the answer, as S3 adds them to some errors. */
  readonly details?: Readonly<Record<string, string>>;
}

/** The refusal of something that S3 does and the local stack does not. */
export function notImplemented(what: string): S3Refusal {
  return {
    status: 501,
    code: 'NotImplemented',
    message: `The local stack does not implement ${what}: nothing was changed. On AWS this works.`,
  };
}

/** The body that S3 sends with an error. */
export function refusalXml(refusal: S3Refusal, requestId: string): string {
  const details = Object.entries(refusal.details ?? {}).map(([name, text]) => element(name, text));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Error>',
    element('Code', refusal.code),
    element('Message', refusal.message),
    ...details,
    element('RequestId', requestId),
    '</Error>',
  ].join('\n');
}
