import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import { pick, seededRandom } from '../../../src/shared/seeded-random.ts';
import { toUpload } from '../../../src/upload/upload.ts';

const UPLOADERS = ['alice', 'bob', 'carla', 'deniz', 'erika@example.com'] as const;
/** Folder, extension, and most bytes. */
type File = readonly [folder: string, extension: string, most: number];

const FILES: readonly [File, ...File[]] = [
  ['photos', 'jpg', 4e6],
  ['photos', 'png', 2e6],
  ['recordings', 'mp4', 3e7],
  ['recordings', 'wav', 1e7],
  ['invoices', 'pdf', 8e5],
  ['exports', 'csv', 5e6],
  ['exports', 'json', 1e6],
  ['backups', 'zip', 2e7],
  ['code', 'py', 3e4],
  ['misc', 'bin', 1e6],
];

/** Records of an ordinary hour before `now`: some uploads a minute, and two bursts. */
export function hourOfUploads(bucket: string, indexShards: number, now: number): LedgerRecord[] {
  const random = seededRandom(7);
  return Array.from({ length: 59 }, (_, index) => index + 1).flatMap((back) => {
    const burst = Math.exp(-((back - 38) ** 2) / 14) * 110 + Math.exp(-((back - 14) ** 2) / 5) * 70;
    const count = Math.round(14 + random() * 12 + Math.sin(back / 7) * 6 + burst);
    return Array.from({ length: count }, (_, position) => {
      const [folder, extension, most] = pick(random, FILES);
      const upload = toUpload(
        {
          eventName: 'ObjectCreated:Put',
          eventTime: new Date(now - back * 60_000 + Math.floor(random() * 60_000)).toISOString(),
          bucket,
          key: `${folder}/${String(back * 1000 + position).padStart(6, '0')}.${extension}`,
          region: 'us-east-1',
          size: Math.ceil(random() ** 2 * most),
          eTag: '9b2cf535f27731c974343645a3985328',
          sequencer: (back * 1000 + position).toString(16).toUpperCase().padStart(18, '0'),
          principalId: `AWS:AROAEXAMPLE:${pick(random, UPLOADERS)}`,
          sourceIp: '203.0.113.7',
        },
        {},
      );
      return upload === undefined ? [] : [toLedgerRecord(upload, { indexShards, source: 'notification' })];
    }).flat();
  });
}
