import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Files in PEM. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

/** Makes a certificate for 127.0.0.1 that is good for a day, with `openssl`; undefined on a machine that has none. */
export function makeCertificate(directory: string): Certificate | undefined {
  const files = { key: path.join(directory, 'key.pem'), certificate: path.join(directory, 'certificate.pem') };
  const { status } = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-keyout', files.key, '-out', files.certificate],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  );
  return status === 0 ? files : undefined;
}
