import { Readable } from 'node:stream';

/**
 * Everything that a response's body holds. Listening costs a fraction of what iterating or piping does.
 *
 * @throws whatever the stream failed with; ECONNRESET, which the SDK retries, when it ended too early.
 */
export function bytesOf(body: unknown): Promise<Buffer> {
  if (!(body instanceof Readable)) return Promise.resolve(Buffer.from(body as Uint8Array));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
    body.once('close', () => reject(Object.assign(new Error('The answer was cut off.'), { code: 'ECONNRESET' })));
  });
}
