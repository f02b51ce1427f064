import type { UploadRequest } from '../api-types.ts';
import { BadRequestError } from '../server/exchange.ts';

/** Signs a PUT of `key` as `uploader`: the URL that anybody may upload to. */
export type SignUpload = (upload: UploadRequest) => Promise<string>;

/** URLs of one request. */
export const MOST_SIGNED = 500;

/** Bytes of a key. Source: S3 user guide, "Creating object key names". */
const LONGEST_KEY = 1024;

/** As an access key id, which is what the local stack takes for the uploader's name. */
const UPLOADER = /^[\w.@+-]{1,64}$/;

/** @throws BadRequestError when something asked for cannot be signed. */
export function parseUploads({ uploads }: Readonly<Record<string, unknown>>): UploadRequest[] {
  if (!Array.isArray(uploads) || uploads.length > MOST_SIGNED) {
    throw new BadRequestError(`Expected "uploads" to be an array of at most ${MOST_SIGNED}.`);
  }
  return uploads.map(parseUpload);
}

function parseUpload(value: unknown): UploadRequest {
  const { key, uploader } = { ...(value as Partial<Record<keyof UploadRequest, unknown>>) };
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > LONGEST_KEY || !key.isWellFormed()) {
    throw new BadRequestError(`Expected each key to be a text of 1 to ${LONGEST_KEY} bytes.`);
  }
  // A browser takes such a segment out of every URL: the object would get another key, or the signature would not fit.
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new BadRequestError('Expected no key with a segment "." or "..": browsers cannot upload it.');
  }
  if (typeof uploader !== 'string' || !UPLOADER.test(uploader)) {
    throw new BadRequestError('Expected each uploader to be 1 to 64 letters, digits and . _ @ + -');
  }
  return { key, uploader };
}
