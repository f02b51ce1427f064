import type { DigestSettings } from '../../src/digest/digest.ts';
import type { DigestTick } from '../../src/notification/digest-tick.ts';

/** The tick of a digest called `daily` to one recipient. */
export function digestTick(
  parts: Partial<Omit<DigestTick, 'digest'>> & { digest?: Partial<DigestSettings> },
): DigestTick {
  const digest = { name: 'daily', recipients: ['team@example.com'], timeZone: 'UTC', minimumUploads: 1 };
  return { scheduledTime: '2026-11-22T10:15:00.000Z', ...parts, digest: { ...digest, ...parts.digest } };
}
