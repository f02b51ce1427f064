import { type LocalClients, type LocalEndpoints, openLocalClients } from '../local/clients.ts';
import { readEmails } from '../local/mail-server.ts';
import { presignUpload } from '../local/presign.ts';
import type { ConsoleSource } from './source.ts';

/** Seconds for which a URL holds: an upload follows at once. */
const EXPIRES_IN = 900;

/** Signers kept: more than anybody makes up names for. */
const MOST_SIGNERS = 100;

/** What only the local stack has: an inbox, and a bucket that anybody may upload to under any name. */
export function localExtras(
  endpoints: LocalEndpoints,
  region: string,
  bucket: string,
): Required<Pick<ConsoleSource, 'inbox' | 'uploads'>> {
  const signers = new Map<string, LocalClients>();
  /** The local stack takes the access key id of whoever signs for the uploader. Signing asks nobody: there is nothing to close. */
  const signerOf = (uploader: string) => {
    const signer = signers.get(uploader) ?? openLocalClients(endpoints, region, uploader);
    if (signers.size >= MOST_SIGNERS) signers.clear();
    signers.set(uploader, signer);
    return signer.s3;
  };
  return {
    inbox: () => readEmails(endpoints.ses),
    uploads: {
      origin: new URL(endpoints.services).origin,
      sign: ({ key, uploader }) => presignUpload(signerOf(uploader), { bucket, key, expiresIn: EXPIRES_IN }),
    },
  };
}
