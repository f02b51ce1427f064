import type { Alert } from '../../../src/digest/alerts/alert-rules.ts';
import type { Digest } from '../../../src/digest/email/digest-email.ts';
import type { BatchSummary, Mention } from '../../../src/digest/summary/batch-summary.ts';

/** A key with everything that has broken a pipeline or an email before. */
export const UNTRUSTED_KEY =
  'in/<script>alert("1")</script>\r\nBcc: all@example.com\u202egpj.exe \u200f\'&amp;"\u{1f469}\u{1f3fd}\u200d\u{1f680}.png';

/** 1,024 bytes, the longest that S3 takes, with no place to break a line at. */
export const LONGEST_KEY = `archive/${'0123456789abcdef'.repeat(63)}.tar.gz`;

export function mention(parts: Partial<Mention> = {}): Mention {
  return {
    bucket: 'acme-uploads',
    key: 'photos/cat.jpg',
    filesize: 1_200_000,
    timestamp: '2026-11-22T10:12:09.481Z',
    uploader: 'alice',
    uploadId: '0067B2F0A41C5D3E',
    ...parts,
  };
}

/** A summary of nothing, but for the given parts. */
export function summary(parts: Partial<BatchSummary> = {}): BatchSummary {
  return {
    uploads: { count: 0, bytes: 0 },
    deletes: 0,
    versionsDeleted: 0,
    restores: 0,
    byCategory: {},
    byBucket: new Map(),
    byUploader: new Map(),
    largest: [],
    latest: [],
    failed: 0,
    quarantined: 0,
    maxDelay: 0,
    heldBack: new Map(),
    ...parts,
  };
}

export function digest(parts: Partial<Digest> = {}): Digest {
  return {
    name: 'team-media',
    timeZone: 'Europe/Berlin',
    since: '2026-11-22T10:00:00.000Z',
    until: '2026-11-22T10:15:00.000Z',
    summary: summary(),
    batches: 1,
    ...parts,
  };
}

/** A digest in which everything has happened. */
export function richDigest(): Digest {
  const launch = mention({
    key: 'campaigns/2026/winter/video/launch-film-4k-master.mov',
    filesize: 1_486_204_118,
    timestamp: '2026-11-22T10:03:41.020Z',
    uploader: 'render-farm',
  });
  const newest = mention({ key: 'photos/2026/11/22/IMG_4431.heic', timestamp: '2026-11-22T10:14:58.733Z' });
  return digest({
    batches: 17,
    before: { count: 368, bytes: 3_204_118_222 },
    summary: summary({
      uploads: { count: 412, bytes: 3_102_334_881 },
      deletes: 3,
      versionsDeleted: 12,
      restores: 1,
      byCategory: {
        image: { count: 301, bytes: 702_118_420 },
        video: { count: 9, bytes: 2_201_775_002 },
        document: { count: 64, bytes: 118_220_317 },
        data: { count: 38, bytes: 80_221_142 },
      },
      byBucket: new Map([['acme-uploads', { count: 412, bytes: 3_102_334_881 }]]),
      byUploader: new Map([
        ['alice', { count: 188, bytes: 480_112_004 }],
        ['render-farm', { count: 9, bytes: 2_201_775_002 }],
        ['bob.martínez@example.com', { count: 96, bytes: 201_310_870 }],
        ['AROAEXAMPLEID:nightly-export-to-partner-bucket-production', { count: 38, bytes: 80_221_142 }],
        ['(unknown)', { count: 51, bytes: 90_001_003 }],
        ['\\(other)', { count: 4, bytes: 4_012_540 }],
        ['(other)', { count: 26, bytes: 44_902_320 }],
      ]),
      largest: [
        launch,
        mention({ key: LONGEST_KEY, filesize: 412_000_311, uploader: 'render-farm' }),
        mention({ key: UNTRUSTED_KEY, filesize: 88_400_120, uploader: '(unknown)' }),
        mention({ key: 'reports/Q4 totals (final).xlsx', filesize: 20_118_004, uploader: 'bob.martínez@example.com' }),
      ],
      latest: [newest, mention({ key: 'صور/رحلة 2026.jpg', filesize: 640, timestamp: '2026-11-22T10:14:57.101Z' })],
      failed: 5,
      quarantined: 2,
      maxDelay: 4_231,
      heldBack: new Map([
        ['everything', { count: 3, example: 'in/a.txt' }],
        ['invoices', { count: 1, example: 'invoices/1.pdf' }],
      ]),
    }),
  });
}

export function alert(parts: Partial<Alert> = {}): Alert {
  const rule = { name: 'large-videos', recipients: ['team@example.com'], timeZone: 'UTC', category: 'video' };
  const { mentions = [mention()] } = parts;
  const buckets = [...new Set(mentions.map(({ bucket }) => bucket))];
  const whole = { id: '1', rule, count: 1, bytes: 1_200_000, buckets, mentions, ...parts };
  return { channels: { email: whole.rule.recipients }, ...whole };
}

/** Alerts that were held back in one minute, told together. */
export function heldBackAlert(): Alert {
  return alert({
    count: 1_204,
    bytes: 0,
    mentions: [mention({ key: UNTRUSTED_KEY })],
    since: '2026-11-22T10:12:00.000Z',
  });
}

/** An alert with all conditions but one, over several buckets and more matches than it lists. */
export function richAlert(): Alert {
  const mentions = [
    mention({ key: 'campaigns/2026/launch-film-4k-master.mov', filesize: 1_486_204_118, uploader: 'render-farm' }),
    mention({ key: UNTRUSTED_KEY, filesize: 640_118_004, uploader: '<b>bold</b>\r\nSubject: pwned' }),
    mention({ key: LONGEST_KEY, filesize: 512_000_000, bucket: 'acme-archive' }),
  ];
  const rule = {
    name: 'large-videos',
    recipients: ['team@example.com', 'lead@example.com'],
    timeZone: 'America/New_York',
    prefix: 'campaigns/',
    category: 'video',
    minimumBytes: 500_000_000,
  };
  return alert({ rule, count: 12, bytes: 9_204_118_222, mentions });
}
