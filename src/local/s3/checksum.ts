import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A checksum of S3's, as its header names it. */
export interface Checksum {
  /** Such as `x-amz-checksum-crc32`. */
  readonly header: string;
  /** Base64, of a composite one with the number of parts. */
  readonly value: string;
}

type Digest = (parts: readonly Uint8Array[]) => Buffer;

/** What S3 verifies ("Checking object integrity in Amazon S3"), by the end of the header's name. */
const ALGORITHMS: Readonly<Record<string, Digest>> = {
  crc32: (parts) => bigEndian(BigInt(parts.reduce((value, part) => crc32(part, value), 0)), 4),
  crc32c: reflectedCrc(0x82f63b78n, 4),
  crc64nvme: reflectedCrc(0x9a6c9329ac4bc9b5n, 8),
  sha1: hashed('sha1'),
  sha256: hashed('sha256'),
};

export function isKnownAlgorithm(name: string): boolean {
  return Object.hasOwn(ALGORITHMS, name);
}

/** Base64. @param algorithm in lower case, a known one */
export function checksumOf(algorithm: string, parts: readonly Uint8Array[]): string {
  return ALGORITHMS[algorithm]?.(parts).toString('base64') ?? '';
}

/** Bytes of a value in base64 that are the algorithm's. */
export function hasLengthOf(algorithm: string, value: string): boolean {
  const length = ALGORITHMS[algorithm]?.([]).length;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(value) && Buffer.from(value, 'base64').length === length;
}

function hashed(name: string): Digest {
  return (parts) => parts.reduce((hash, part) => hash.update(part), createHash(name)).digest();
}

/**
 * A CRC of 32 or 64 bits that begins and ends with all ones. The 64 bits are two numbers, of which the upper stays 0 in
 * one of 32: big integers would take seconds for a large body.
 */
function reflectedCrc(polynomial: bigint, bytes: 4 | 8): Digest {
  const ones = (1n << BigInt(8 * bytes)) - 1n;
  const entries = Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) entry = (entry >> 1n) ^ ((entry & 1n) * polynomial);
    return entry;
  });
  const upper = Uint32Array.from(entries, (entry) => Number(entry >> 32n));
  const lower = Uint32Array.from(entries, (entry) => Number(entry & 0xffffffffn));
  return (parts) => {
    let high = Number(ones >> 32n);
    let low = 0xffffffff;
    for (const part of parts) {
      for (const byte of part) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (lower[index] ?? 0);
        high = (high >>> 8) ^ (upper[index] ?? 0);
      }
    }
    return bigEndian(((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) ^ ones, bytes);
  };
}

function bigEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
}
