import type { SignedUploadsView } from '../../api-types.ts';
import { messageOf, postJson } from '../api.ts';
import { putObject } from './put-object.ts';

/** One file to upload. */
export interface UploadJob {
  readonly key: string;
  readonly uploader: string;
  readonly body: Blob;
}

/** How far one file is. `share` from 0 to 1. */
export type UploadState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'uploading'; readonly share: number }
  | { readonly kind: 'uploaded' }
  | { readonly kind: 'recorded'; readonly afterMilliseconds: number }
  | { readonly kind: 'failed'; readonly why: string };

/** Uploads at once: as many connections as a browser opens to one server. */
const AT_ONCE = 6;
/** URLs asked for at once. They hold for a quarter of an hour: not all of them in the beginning. */
const SIGNED_AT_ONCE = 50;

/** Files that were dropped or made together. They go on when the view is left. */
export class UploadBatch {
  readonly title: string;
  readonly jobs: readonly UploadJob[];
  readonly states: UploadState[];
  /** Called after every change, with the position of the file. */
  onChange: ((position: number) => void) | undefined;
  readonly counts = { uploaded: 0, recorded: 0, failed: 0 };
  readonly #uploadedAt = new Map<string, { readonly position: number; readonly at: number }>();
  #next = 0;
  #urls: Promise<readonly string[]> = Promise.resolve([]);
  #signedFrom = 0;
  #signedTo = 0;

  constructor(title: string, jobs: readonly UploadJob[]) {
    this.title = title;
    this.jobs = jobs;
    this.states = jobs.map(() => ({ kind: 'waiting' }));
  }

  get isOver(): boolean {
    return this.counts.uploaded + this.counts.failed === this.jobs.length;
  }

  /** Uploads all files, a few at once. A file that fails does not hold up the others. */
  async run(): Promise<void> {
    const work = async () => {
      while (this.#next < this.jobs.length) await this.#upload(this.#next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Takes note that a key was recorded. */
  recorded(key: string, now: number): void {
    const upload = this.#uploadedAt.get(key);
    if (upload === undefined) return;
    this.#uploadedAt.delete(key);
    this.counts.recorded += 1;
    this.#set(upload.position, { kind: 'recorded', afterMilliseconds: now - upload.at });
  }

  async #upload(position: number): Promise<void> {
    const job = this.jobs[position];
    if (job === undefined) return;
    try {
      const url = await this.#urlOf(position);
      await putObject(url, job.body, (share) => this.#set(position, { kind: 'uploading', share }));
      this.counts.uploaded += 1;
      this.#uploadedAt.set(job.key, { position, at: Date.now() });
      this.#set(position, { kind: 'uploaded' });
    } catch (error) {
      this.counts.failed += 1;
      this.#set(position, { kind: 'failed', why: messageOf(error) });
    }
  }

  /** Positions are asked for in order: the URLs of the next files come with the first of them. */
  async #urlOf(position: number): Promise<string> {
    if (position >= this.#signedTo) {
      this.#signedFrom = position;
      this.#signedTo = position + SIGNED_AT_ONCE;
      this.#urls = sign(this.jobs.slice(this.#signedFrom, this.#signedTo));
    }
    const from = this.#signedFrom;
    const url = (await this.#urls)[position - from];
    if (url === undefined) throw new Error('The console did not sign the upload.');
    return url;
  }

  #set(position: number, state: UploadState): void {
    this.states[position] = state;
    this.onChange?.(position);
  }
}

async function sign(jobs: readonly UploadJob[]): Promise<readonly string[]> {
  const uploads = jobs.map(({ key, uploader }) => ({ key, uploader }));
  return (await postJson<SignedUploadsView>('/api/uploads', { uploads })).urls;
}
