import { errorMessage } from '../../shared/errors.ts';
import { formatBytes, formatCount, formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { SignedUploadsView } from '../api-types.ts';
import { postJson } from './api.ts';
import { element, fill, setText } from './dom.ts';
import { keyLink } from './record-elements.ts';

/** One file to upload. */
export interface UploadJob {
  readonly key: string;
  readonly uploader: string;
  readonly body: Blob;
}

/** How far one file is. `share` from 0 to 1. */
type UploadState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'uploading'; readonly share: number }
  | { readonly kind: 'uploaded' }
  | { readonly kind: 'recorded'; readonly afterMilliseconds: number }
  | { readonly kind: 'failed'; readonly why: string };

/** As many connections as a browser opens to one server. */
const MAX_PARALLEL_UPLOADS = 6;
/** URLs of one request. They are valid for a quarter of an hour, so not all of them are signed at the start. */
const SIGNED_URLS = 50;

/** Files that were dropped or generated together. Their uploads go on when the view is left. */
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

  /** Uploads all files, a few in parallel. A failed file does not hold up the others. */
  async run(): Promise<void> {
    const work = async () => {
      while (this.#next < this.jobs.length) await this.#upload(this.#next++);
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL_UPLOADS }, work));
  }

  /** For a key that was recorded. */
  setRecorded(key: string, now: number): void {
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
      this.#set(position, { kind: 'failed', why: errorMessage(error) });
    }
  }

  /** Positions come in order: the URLs of the next files are signed with the first of them. */
  async #urlOf(position: number): Promise<string> {
    if (position >= this.#signedTo) {
      this.#signedFrom = position;
      this.#signedTo = position + SIGNED_URLS;
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

/**
 * Uploads to a presigned URL, as any client of S3 does. By XMLHttpRequest, because `fetch` reports no progress.
 *
 * @param onProgress Called with the share that is sent, from 0 to 1.
 */
function putObject(url: string, body: Blob, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new Error(`The bucket answered ${request.status}: ${codeIn(request.responseText)}`));
    });
    request.addEventListener('error', () => reject(new Error('The bucket does not answer.')));
    request.open('PUT', url);
    if (body.type === '') request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(body);
  });
}

/** S3's error code, from its XML. */
function codeIn(xml: string): string {
  return /<Code>([^<]{1,100})<\/Code>/.exec(xml)?.[1] ?? 'no reason given';
}

/** Of a larger batch only the sums are shown. */
const MAX_LINES = 200;

/** Shows how far a batch is, until `signal` is aborted. */
export function batchCard(batch: UploadBatch, bucket: string, signal: AbortSignal): HTMLElement {
  const bar = element('progress', { max: batch.jobs.length, value: 0, 'aria-label': batch.title });
  const status = element('p.note', { role: 'status' });
  const hasLines = batch.jobs.length <= MAX_LINES;
  const lines = hasLines ? batch.jobs.map((_, position) => fileLine(batch, position, bucket)) : [];
  const showSums = () => {
    bar.value = batch.counts.uploaded + batch.counts.failed;
    setText(status, sumsText(batch, hasLines));
  };
  const changed = new Set<number>();
  const render = () => {
    for (const position of changed) lines[position]?.show();
    changed.clear();
    showSums();
  };
  batch.onChange = (position) => {
    if (changed.size === 0) requestAnimationFrame(render);
    changed.add(position);
  };
  signal.addEventListener('abort', () => {
    batch.onChange = undefined;
  });
  showSums();
  return element(
    'section.card.batch',
    element('div.card-head', element('h2', batch.title), status),
    bar,
    hasLines &&
      element(
        'ul.files',
        { tabindex: 0, 'aria-label': `Files of ${batch.title}` },
        lines.map(({ item }) => item),
      ),
  );
}

function sumsText({ jobs, counts, isOver }: UploadBatch, hasLines: boolean): string {
  const done = isOver
    ? `${formatCount(counts.uploaded)} uploaded`
    : `${formatCount(counts.uploaded)} of ${formatCount(jobs.length)} uploaded`;
  const recorded = hasLines ? `, ${formatCount(counts.recorded)} recorded` : isOver ? ': see Live' : '';
  return `${done}${recorded}${counts.failed > 0 ? `, ${formatCount(counts.failed)} failed` : ''}`;
}

function fileLine(batch: UploadBatch, position: number, bucket: string) {
  const job = batch.jobs[position];
  const key = visibleText(job?.key ?? '');
  const bar = element('progress', { max: 1, value: 0, 'aria-label': key });
  const state = element('span.state');
  const name = element('span.mono.cut', { title: key }, key);
  const item = element('li', name, element('span.note', formatBytes(job?.body.size ?? 0)), bar, state);
  const show = () => {
    const current = batch.states[position] ?? { kind: 'waiting' };
    item.className = current.kind;
    bar.value = shareOf(current);
    setText(state, stateText(current));
    if (current.kind === 'recorded') fill(name, keyLink({ s3_bucket: bucket, s3_key: job?.key ?? '' }));
  };
  show();
  return { item, show };
}

function shareOf(state: UploadState): number {
  if (state.kind === 'uploading') return state.share;
  return state.kind === 'uploaded' || state.kind === 'recorded' ? 1 : 0;
}

function stateText(state: UploadState): string {
  if (state.kind === 'uploading') return `${Math.floor(state.share * 100)} %`;
  if (state.kind === 'recorded') return `recorded after ${formatDuration(state.afterMilliseconds)}`;
  return state.kind === 'failed' ? visibleText(state.why) : state.kind;
}
