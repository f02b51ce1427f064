import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OneShotSha256 } from '../../src/consumer/one-shot-sha256.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 });
const anyChunks = fc.array(anyBytes, { maxLength: 4 });
/** No key is empty: the SDK's own takes an empty one for none. */
const anyKey = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.uint8Array({ minLength: 1, maxLength: 130 }));

async function digestOf(sha256: OneShotSha256, chunks: readonly Uint8Array[]): Promise<string> {
  for (const chunk of chunks) sha256.update(chunk);
  return Buffer.from(await sha256.digest()).toString('hex');
}

describe('the SHA-256 of signatures', () => {
  it("is Node's, in however many chunks the text comes", async () => {
    await fc.assert(
      fc.asyncProperty(anyChunks, async (chunks) => {
        const expected = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
        expect(await digestOf(new OneShotSha256(), chunks)).toBe(expected);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it("is Node's with a key as well, text or bytes, new or known, however many there were", async () => {
    await fc.assert(
      fc.asyncProperty(anyKey, anyChunks, async (key, chunks) => {
        const expected = createHmac('sha256', key).update(Buffer.concat(chunks)).digest('hex');
        for (const _ of ['new', 'known']) expect(await digestOf(new OneShotSha256(key), chunks)).toBe(expected);
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('begins anew when it is reset', async () => {
    const sha256 = new OneShotSha256();
    sha256.update(Buffer.from('before'));
    sha256.reset();
    expect(await digestOf(sha256, [Buffer.from('after')])).toBe(createHash('sha256').update('after').digest('hex'));
  });
});
