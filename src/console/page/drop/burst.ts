import type { UploadJob } from './upload-batch.ts';

const UPLOADERS = ['alice', 'bob', 'carla', 'deniz', 'erika@example.com'] as const;

/** Folder and extension, and how large such files get: kilobytes, so that five thousand of them take seconds. */
const KINDS = [
  ['photos', 'jpg', 12_000],
  ['photos', 'png', 9000],
  ['recordings', 'mp4', 20_000],
  ['recordings', 'wav', 10_000],
  ['invoices', 'pdf', 6000],
  ['invoices', 'docx', 4000],
  ['exports', 'csv', 3000],
  ['exports', 'json', 2000],
  ['exports', 'zip', 8000],
  ['code', 'py', 1500],
  ['misc', 'bin', 1000],
] as const;

/** Generated files by several uploaders. `name` tells this burst from others. */
export function burstOf(count: number, name: string): UploadJob[] {
  return Array.from({ length: count }, (_, index) => {
    const [folder, extension, most] = pick(KINDS);
    const number = String(index + 1).padStart(5, '0');
    return {
      key: `bursts/${name}/${folder}/${number}.${extension}`,
      uploader: pick(UPLOADERS),
      body: new Blob([new Uint8Array(1 + Math.floor(Math.random() * most))]),
    };
  });
}

function pick<Value>(values: readonly Value[]): Value {
  return values[Math.floor(Math.random() * values.length)] as Value;
}
