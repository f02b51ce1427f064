import { inflateRawSync } from 'node:zlib';
import type { EmailSettings } from '../contract/email-settings.ts';
import { ENVIRONMENT } from '../contract/environment.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { OpenLedger } from './connection.ts';

/**
 * The email settings that the ledger's function runs with; undefined when it sends no email. On AWS they are a file of
 * the function's code, which Lambda lets whoever may ask download.
 *
 * @throws UploadLedgerError when Lambda does not show the function's environment (the caller may not use its key), or
 * its code is not what the stack deploys.
 */
export async function readEmailSettings({ isLocal, email, clients, resources }: OpenLedger) {
  if (isLocal) return email;
  const { GetFunctionCommand } = await import('@aws-sdk/client-lambda');
  const client = await clients.lambda();
  const command = new GetFunctionCommand({ FunctionName: resources.functionName });
  const { Configuration, Code } = await client.send(command);
  const { Error: hidden, Variables = {} } = Configuration?.Environment ?? {};
  if (hidden !== undefined) {
    const reason = hidden.Message ?? 'no reason given';
    throw new UploadLedgerError('hidden-environment', `Lambda does not show the function's environment: ${reason}`);
  }
  const file = Variables[ENVIRONMENT.emailSettings];
  if (file === undefined) return undefined;
  const code = await fetch(Code?.Location ?? '');
  if (!code.ok) throw unreadable(`the download of its code answered ${code.status}`);
  const text = readZipEntry(Buffer.from(await code.arrayBuffer()), file);
  if (text === undefined) throw unreadable(`its code has no file ${file}`);
  return JSON.parse(text) as EmailSettings;
}

function unreadable(what: string): UploadLedgerError {
  return new UploadLedgerError(
    'unreadable-code',
    `Cannot read the function's email settings: ${what}: deploy it again.`,
  );
}

/** Signatures, and where the fields are. Source: PKWARE, "APPNOTE.TXT", sections 4.3.7, 4.3.12 and 4.3.16. */
const END = { signature: Buffer.from('PK\x05\x06'), entries: 10, offset: 16 } as const;
const ENTRY = {
  method: 10,
  size: 20,
  nameLength: 28,
  extraLength: 30,
  commentLength: 32,
  offset: 42,
  name: 46,
} as const;
const LOCAL = { nameLength: 26, extraLength: 28, name: 30 } as const;
const DEFLATED = 8;

/** The text of one file of a zip archive; undefined when it has none of that name. */
function readZipEntry(archive: Buffer, name: string): string | undefined {
  const end = archive.lastIndexOf(END.signature);
  if (end === -1) throw unreadable('its code is not a zip archive');
  let at = archive.readUInt32LE(end + END.offset);
  for (let left = archive.readUInt16LE(end + END.entries); left > 0; left -= 1) {
    const nameEnd = at + ENTRY.name + archive.readUInt16LE(at + ENTRY.nameLength);
    if (archive.toString('utf8', at + ENTRY.name, nameEnd) === name) return contentOf(archive, at);
    at = nameEnd + archive.readUInt16LE(at + ENTRY.extraLength) + archive.readUInt16LE(at + ENTRY.commentLength);
  }
  return undefined;
}

function contentOf(archive: Buffer, entry: number): string {
  const local = archive.readUInt32LE(entry + ENTRY.offset);
  const names = archive.readUInt16LE(local + LOCAL.nameLength) + archive.readUInt16LE(local + LOCAL.extraLength);
  const start = local + LOCAL.name + names;
  const content = archive.subarray(start, start + archive.readUInt32LE(entry + ENTRY.size));
  const isDeflated = archive.readUInt16LE(entry + ENTRY.method) === DEFLATED;
  return (isDeflated ? inflateRawSync(content) : content).toString('utf8');
}
