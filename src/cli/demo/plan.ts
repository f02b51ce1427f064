import { pick, type Random, seededRandom } from '../../shared/seeded-random.ts';

/** One thing that the demo does to the bucket. */
export type DemoStep =
  | { readonly kind: 'put' | 'multipart'; readonly key: string; readonly body: Uint8Array; readonly uploader: string }
  | { readonly kind: 'delete'; readonly key: string; readonly uploader: string };

export interface DemoPlan {
  /** Exactly as many uploads as asked for, in any order. */
  readonly burst: readonly DemoStep[];
  /** What must come after the burst: a second upload of one key, a delete of another. Their keys are in the burst. */
  readonly afterwards: readonly DemoStep[];
}

/** The least number of uploads that leaves room for every awkward key, the multipart upload and the second upload. */
export const MIN_UPLOADS = 20;

/** S3 wants at least this many bytes in each part of a multipart upload but the last. */
export const MULTIPART_PART_BYTES = 5 * 1024 * 1024;

const UPLOADERS = ['alice', 'bob', 'carla', 'deniz', 'erika@example.com'] as const;
const EXTENSIONS = ['jpg', 'png', 'mp4', 'pdf', 'docx', 'csv', 'json', 'zip', 'wav', 'parquet', 'txt', 'bin'] as const;

/** Keys that have broken pipelines like this one. */
function awkwardKeys(): string[] {
  return [
    'uploads/with spaces and + plus.txt',
    'uploads/100% sure%20not-encoded.txt',
    `uploads/"double" and 'single' quotes.txt`,
    'uploads/emoji 🎉👩‍👩‍👧.png',
    'uploads/ünïcödé/日本語/файл.pdf',
    'uploads//double//slashes///x.csv',
    'uploads/a&b=c;d?e#f.json',
    'uploads/<img src=x onerror=alert(1)>.svg',
    'uploads/=SUM(A1).xlsx',
    'uploads/back\\slash and `tick`.log',
    'uploads/no-extension',
    'uploads/.hidden',
    longestKey(),
  ];
}

/** 1,024 bytes of UTF-8, the maximum of S3, with some characters of three bytes. */
function longestKey(): string {
  const head = 'uploads/1024-bytes/';
  const tail = '.txt';
  const wide = '長'.repeat(100);
  return head + wide + 'x'.repeat(1024 - Buffer.byteLength(head + wide + tail)) + tail;
}

/**
 * What the demo uploads: `uploads` uploads in all (the second upload of one key and the multipart upload among them),
 * and one delete. The same seed gives the same plan.
 *
 * @param uploads At least {@link MIN_UPLOADS}.
 */
export function planDemo(uploads: number, seed: number): DemoPlan {
  const random = seededRandom(seed);
  const put = (key: string): DemoStep => ({
    kind: 'put',
    key,
    body: sampleBody(random, key),
    uploader: pick(random, UPLOADERS),
  });
  const burst: DemoStep[] = awkwardKeys().map(put);
  burst.push({
    kind: 'multipart',
    key: 'uploads/in several parts.mov',
    body: new Uint8Array(MULTIPART_PART_BYTES + 1000).fill(7),
    uploader: 'alice',
  });
  const again = 'uploads/report, final.pdf';
  const doomed = 'uploads/to be deleted.txt';
  burst.push(put(again), put(doomed));
  for (let index = 0; burst.length < uploads - 1; index += 1) burst.push(put(plainKey(random, index)));
  const afterwards: DemoStep[] = [put(again), { kind: 'delete', key: doomed, uploader: 'bob' }];
  return { burst, afterwards };
}

function plainKey(random: Random, index: number): string {
  const folder = pick(random, ['photos', 'invoices', 'exports', 'recordings']);
  return `uploads/${folder}/${String(index).padStart(6, '0')}.${pick(random, EXTENSIONS)}`;
}

/** Up to 2,000 bytes, different for each file, so that each record has its own eTag. */
function sampleBody(random: Random, key: string): Uint8Array {
  const size = Math.floor(random() * 2000);
  return Buffer.from(`${key}\n${random()}\n`.padEnd(size, '.'));
}

/** Messages that no retry can cure, each with the reason that it must have in the dead-letter queue. */
export const POISON = [
  { body: 'This is not JSON', reason: 'not-json' },
  { body: '{"Records":[]}', reason: 'no-records' },
  {
    body: JSON.stringify({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'us-east-1',
          eventTime: '2026-01-01T00:00:00.000Z',
          eventName: 'ObjectCreated:Put',
          s3: { bucket: { name: 'poison' }, object: { key: '100%', size: 1 } },
        },
      ],
    }),
    reason: 'key-not-decodable',
  },
] as const;
