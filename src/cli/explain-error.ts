import { getSystemErrorMessage } from 'node:util';
import { UploadLedgerError } from '../shared/errors.ts';
import { isCheckout, localStackHint } from './checkout.ts';

/** AWS's errors about credentials that it was given. */
const REFUSED_CREDENTIALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidIdentityToken',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
]);

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

const UNREACHABLE = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What Node says of a certificate that it does not trust. */
const UNTRUSTED =
  /^(?:(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_|CERT_|CRL_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE))/;

/** What OpenSSL says when what answers speaks no TLS. */
const NO_TLS = /^(?:EPROTO|ERR_SSL_)/;

/**
 * What went wrong and what to do, for people. One line for errors from outside; the stack trace for a bug of the
 * program.
 */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected error: ${String(error)}`;
  if (error instanceof UploadLedgerError) return error.message;
  return explainOutside(error) ?? error.stack ?? error.message;
}

function explainOutside(error: Error): string | undefined {
  return explainConnection(error) ?? explainSystem(error) ?? explainAws(error);
}

/** The error by which credentials could not be had. @param profile The one that should have given them. */
export function credentialsError(error: unknown, profile: string | undefined): UploadLedgerError {
  if (error instanceof UploadLedgerError) return error;
  const [where, option] = profile === undefined ? ['', ''] : [` of profile "${profile}"`, ` --profile ${profile}`];
  const says = (text: string) => new UploadLedgerError('credentials', text, { cause: error });
  if (!(error instanceof Error)) return says(`no AWS credentials${where}: ${String(error)}`);
  const outside = explainOutside(error);
  if (outside !== undefined) return says(`no AWS credentials${where}: ${outside}`);
  const words = oneLine(error.message);
  if (/could not load credentials from any/i.test(words)) {
    if (profile !== undefined) {
      return says(
        `no AWS credentials${where}, which names none: sign in with "aws login${option}", or choose another --profile`,
      );
    }
    return says(
      `no AWS credentials${where}: sign in ("aws sso login", "aws login"), choose a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY${localStackHint()}`,
    );
  }
  if (/no MFA code callback/.test(words)) {
    return says(`no AWS credentials${where}: it needs the code of an MFA device, and there is no terminal to ask on`);
  }
  const signIn = /\bsso\b/i.test(words) ? 'aws sso login' : /aws login|[\\/]login[\\/]/.test(words) ? 'aws login' : '';
  const remedy = signIn ? `sign in with "${signIn}${option}"` : 'fix that, or choose another --profile';
  return says(`no AWS credentials${where}: ${words.replace(/[.:]$/, '')}: ${remedy}`);
}

/** What kept the request from AWS. */
function explainConnection(error: Error): string | undefined {
  const { name, message } = error;
  const code = codeOf(error);
  const words = oneLine(message);
  if (UNTRUSTED.test(code)) {
    return `the certificate is not trusted (${words.replace(/; if the root CA.*/, '')}): if a proxy inspects the traffic, set AWS_CA_BUNDLE to the file of its CA`;
  }
  if (NO_TLS.test(code)) {
    const reason = /wrong version number|packet length too long|http request/i.test(words) ? 'no TLS' : words;
    return `the answer is not from AWS (${reason}): check the network, HTTPS_PROXY and AWS_ENDPOINT_URL`;
  }
  if (code.startsWith('ERR_PROXY_')) return `the proxy does not connect (${words}): check HTTPS_PROXY and NO_PROXY`;
  if (code === 'ERR_INVALID_URL') {
    const url = (error as { readonly input?: unknown }).input;
    return `"${url}" is not a URL: check AWS_ENDPOINT_URL, and endpoint_url in the AWS configuration`;
  }
  if (/FIPS|dual-?stack/i.test(message) && name === 'EndpointError') {
    return `${words}: unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (or use_fips_endpoint and use_dualstack_endpoint of the profile), or AWS_ENDPOINT_URL`;
  }
  if (UNREACHABLE.has(code) || name === 'TimeoutError') {
    return `cannot reach the service (${words || code}): check the network, HTTPS_PROXY, the Region and ${isCheckout() ? 'AWS_ENDPOINT_URL, or --local' : 'AWS_ENDPOINT_URL'}`;
  }
  return undefined;
}

/** What to do about the errors of files and ports that people meet. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'choose another place, or change its permissions',
  EADDRINUSE: 'choose another port, or stop what uses this one',
  EADDRNOTAVAIL: 'name an address of this machine',
  EDQUOT: 'make room, or choose another place',
  EEXIST: 'choose another name, or remove it',
  EISDIR: 'name a file',
  EMFILE: 'raise the limit of open files ("ulimit -n")',
  ENOENT: 'check the path',
  ENOSPC: 'make room, or choose another place',
  ENOTDIR: 'check the path',
  EPERM: 'choose another place, or change its permissions',
  EROFS: 'choose another place',
};

/** System calls whose names say little. */
const ACTIONS: Readonly<Record<string, string>> = { listen: 'listen on', mkdir: 'make the folder', scandir: 'read' };

/** Errors of the operating system: files, ports, processes. */
function explainSystem(error: NodeJS.ErrnoException): string | undefined {
  const { syscall, errno, path } = error;
  const code = codeOf(error);
  if (syscall === undefined || errno === undefined) return undefined;
  const { address, port } = error as { readonly address?: string; readonly port?: number };
  const place = path ?? (port === undefined ? undefined : `${address}:${port}`);
  const action = ACTIONS[syscall] ?? syscall;
  const what = place === undefined ? action : `${action} ${place}`;
  return `cannot ${what} (${code}: ${getSystemErrorMessage(errno)}): ${REMEDIES[code] ?? 'see the reason in parentheses'}`;
}

/** What AWS answered, or what answered in its place. */
function explainAws(error: Error): string | undefined {
  const { name, message } = error;
  const words = oneLine(message);
  if (REFUSED_CREDENTIALS.has(name)) {
    return `AWS refuses the credentials (${words}): sign in again, or choose another --profile`;
  }
  if (/^Request(?:TimeTooSkewed|Expired)$/.test(name)) {
    return `AWS refuses the request (${words}): set the clock of this machine`;
  }
  if (DENIED.has(name)) return `AWS denies this: ${words}`;
  if (name === 'ResourceNotFoundException') {
    return 'the table that the stack names does not exist: was it deleted by hand? See "Deleted by hand" in docs/deploying.md, or name another stack with --stack';
  }
  if (!isOfSdk(error)) return undefined;
  // AWS knows every action that its SDK asks for: this is the endpoint of another service, or an emulator.
  if (name === 'InvalidAction' || name === 'UnknownOperationException') return notAws(`${name}: ${words}`);
  const status = foreignStatus(error);
  return status === undefined ? `AWS answers ${name}: ${words}` : notAws(`HTTP ${status}`);
}

/** For what answered in AWS's place: a gateway, a proxy, a page to sign in on. */
export function notAws(came: string): string {
  return `the answer is not from AWS (${came}): check the network, HTTPS_PROXY and AWS_ENDPOINT_URL`;
}

/** The SDK's errors describe their request, also when nothing of AWS has answered it. */
interface AnsweredError extends Error {
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function isOfSdk(error: Error): error is AnsweredError {
  return '$metadata' in error;
}

/** The status and type of an answer in which there is no error of AWS, such as a gateway's page. */
function foreignStatus({ name, $fault, $metadata, $response }: AnsweredError): string | undefined {
  if ($metadata?.httpStatusCode === undefined || $metadata.requestId !== undefined) return undefined;
  if ($fault !== undefined && name !== 'Unknown') return undefined;
  const type = $response?.headers?.['content-type'];
  return type === undefined ? `${$metadata.httpStatusCode}` : `${$metadata.httpStatusCode}, ${type}`;
}

function codeOf(error: Error): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** Longest message of another program that is passed on, in characters. */
const MAX_WORDS = 400;

/** Another program's message on one line. */
function oneLine(message: string): string {
  const [first = ''] = message.split('\n  Deserialization error:');
  const line = first.trim().replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}...` : line;
}
