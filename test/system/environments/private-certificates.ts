/**
 * A private CA, and the certificate of a server that it vouches for: `localhost`, 127.0.0.1 and AWS's hosts in
 * eu-west-1. Made once with openssl 3, valid for a hundred years, of use to nobody outside these tests:
 *
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -addext keyUsage=critical,keyCertSign,cRLSign ...`
 * for the CA, whose key is not kept; `openssl x509 -req -CA ca.pem -days 36500 -extfile ...` with these names for the
 * server.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/tls');

/** For `AWS_CA_BUNDLE`. */
export const CA_FILE = path.join(FOLDER, 'ca.pem');

/** For `createServer` of `node:https`. */
export const SERVER_IDENTITY = {
  cert: readFileSync(path.join(FOLDER, 'server.pem')),
  key: readFileSync(path.join(FOLDER, 'server-key.pem')),
};
