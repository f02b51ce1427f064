import type { IncomingHttpHeaders } from 'node:http';
import { accessKeyIdOf } from '../service-server/principal.ts';
import type { ServiceCall } from './service-call.ts';

/**
 * A reading of an object in the words of IAM, in which asking for its metadata alone is reading it; undefined for what nobody signed and
 * for every other request.
 *
 * Source: S3 API reference, `HeadObject` and `GetObject`, "Permissions".
 *
 * @param url Path and query, the bucket first.
 */
export function toObjectCall(method: string, url: string, headers: IncomingHttpHeaders): ServiceCall | undefined {
  const [, bucket = '', key = ''] = /^\/([^/?]+)\/([^?]+)/.exec(url) ?? [];
  const caller = accessKeyIdOf(headers, {});
  if (!/^(GET|HEAD)$/.test(method) || key === '' || caller === undefined) return undefined;
  const resources = [`arn:aws:s3:::${bucket}/${decoded(key)}`];
  return { caller, action: 's3:GetObject', resources, context: {} };
}

/** As it came, when it is encoded as no client encodes it: S3 refuses such a request by itself. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}
