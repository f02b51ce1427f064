import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/ledger/bytes-of.ts';

describe('the bytes of an answer', () => {
  it('are all that the stream gave, in order', async () => {
    expect(String(await bytesOf(Readable.from([Buffer.from('a'), Buffer.from('bc')])))).toBe('abc');
    expect(String(await bytesOf(Readable.from([])))).toBe('');
  });

  it('are those of a body that is at hand', async () => {
    expect(String(await bytesOf(new Uint8Array([97, 98])))).toBe('ab');
  });

  it('fail with the error of the stream', async () => {
    const broken = new Readable({ read: () => undefined });
    const bytes = bytesOf(broken);
    broken.destroy(new Error('broken'));
    await expect(bytes).rejects.toThrow('broken');
  });

  it('fail as a cut connection does, which is tried again, where the stream ends too early', async () => {
    const cut = new Readable({ read: () => undefined });
    const bytes = bytesOf(cut);
    cut.push('half');
    cut.destroy();
    await expect(bytes).rejects.toMatchObject({ code: 'ECONNRESET', message: 'The answer was cut off.' });
  });
});
