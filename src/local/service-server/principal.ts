import type { IncomingHttpHeaders } from 'node:http';
import { LOCAL_CREDENTIALS } from '../clients.ts';

/**
 * The access key id that a request claims, or undefined for an anonymous one. Signatures are not checked.
 *
 * Looks where SigV4 and SigV2 put it: the Authorization header, a presigned URL's query, the fields of a form.
 */
export function accessKeyIdOf(
  headers: IncomingHttpHeaders,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  const authorization = headers.authorization ?? '';
  const scope = /\bCredential=([^,]+)/.exec(authorization)?.[1] ?? parameterOf(parameters, 'x-amz-credential');
  // <access key id>/<date>/<region>/<service>/aws4_request
  if (scope !== undefined) return scope.trim().split('/').slice(0, -4).join('/') || undefined;
  return /^AWS ([^:]+):/.exec(authorization)?.[1] ?? parameterOf(parameters, 'awsaccesskeyid');
}

/**
 * Who S3 would say made the request.
 *
 * The stack's own key is an IAM user; every other access key id is a session of one local role, so that signing with
 * the access key id `alice` makes `alice` the uploader.
 */
export function principalIdOf(accessKeyId: string | undefined): string {
  if (accessKeyId === undefined) return 'Anonymous';
  const isStack = accessKeyId === LOCAL_CREDENTIALS.accessKeyId;
  return isStack ? 'AWS:AIDALOCALSTACKUSER000' : `AWS:AROALOCALSTACKROLE000:${accessKeyId}`;
}

/** An Authorization header that claims `accessKeyId`, for requests made on behalf of another. */
export function authorizationFor(accessKeyId: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/s3/aws4_request`;
}

function parameterOf(parameters: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(parameters).find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}
