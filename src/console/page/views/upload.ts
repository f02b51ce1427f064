import type { RecordView } from '../../api-types.ts';
import { element, fill, setText } from '../dom.ts';
import type { LiveStore } from '../live-store.ts';
import { countText } from '../record-elements.ts';
import type { View } from '../router.ts';
import { batchCard, UploadBatch, type UploadJob } from '../upload-batch.ts';
import { burstOf, type ChosenFile, droppedFiles, filesOf } from '../upload-files.ts';

const BURSTS = [100, 1000, 5000] as const;

/** Batches that stay on the page, newest first: leaving the view does not stop them. */
const batches: UploadBatch[] = [];
const MOST_BATCHES = 8;

let isWatching = false;

/** Uploads files as any client does, through presigned URLs, and shows them turn up as records. Of the local stack only. */
export const uploadView: View = (main, { live, source, signal }) => {
  watchRecords(live);
  const uploader = element('input', {
    name: 'uploader',
    value: 'you',
    required: true,
    pattern: '[\\w.@+\\-]{1,64}',
    maxlength: 64,
  });
  const folder = element('input', { name: 'folder', value: 'drops/', maxlength: 500 });
  const list = element('div', { class: 'batches' });
  const show = () =>
    fill(
      list,
      batches.map((batch) => batchCard(batch, signal)),
    );
  const start = (title: string, jobs: readonly UploadJob[]) => {
    const batch = new UploadBatch(title, jobs);
    batches.unshift(batch);
    batches.splice(MOST_BATCHES);
    show();
    void batch.run();
  };
  const take = (files: readonly ChosenFile[]) => {
    if (files.length === 0 || !uploader.reportValidity()) return;
    const jobs = files.map(({ path, file }) => ({ key: folder.value + path, uploader: uploader.value, body: file }));
    start(files.length === 1 ? '1 file' : `${countText(files.length)} files`, jobs);
  };
  const bursts = BURSTS.map((count) =>
    element(
      'button',
      { type: 'button', onclick: () => start(`Burst of ${countText(count)}`, burstOf(count, burstName())) },
      countText(count),
    ),
  );
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Upload'),
    element(
      'section',
      { class: 'card' },
      element(
        'div',
        { class: 'fields' },
        element('label', {}, element('span', {}, 'Upload as'), uploader),
        element('label', {}, element('span', {}, 'Into the folder'), folder),
      ),
      dropZone(source.bucketName, take, signal),
    ),
    element(
      'section',
      { class: 'card' },
      element('h2', {}, 'A burst of generated files'),
      element('p', { class: 'note' }, 'Small files of all kinds, by five uploaders. Watch them in Live.'),
      element('div', { class: 'actions' }, bursts),
    ),
    list,
  );
  show();
};

function dropZone(bucket: string, take: (files: readonly ChosenFile[]) => void, signal: AbortSignal): HTMLElement {
  const files = fileInput('Choose files', {}, take);
  const folders = fileInput('Choose a folder', { webkitdirectory: true }, take);
  const fault = element('p', { class: 'note', role: 'status' });
  const zone = element(
    'div',
    { class: 'zone' },
    element(
      'p',
      {},
      'Drop files or folders here: they go to the bucket ',
      element('span', { class: 'mono' }, bucket),
      '.',
    ),
    element('div', { class: 'actions' }, files, folders),
    fault,
  );
  const over = (isOver: boolean) => zone.classList.toggle('over', isOver);
  // Beside the zone as well: otherwise the browser would leave the page and open the file.
  const options = { signal };
  const dragOver = (event: DragEvent) => {
    event.preventDefault();
    over(true);
  };
  document.addEventListener('dragover', dragOver, options);
  document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && over(false), options);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer === null) return;
    try {
      take(await droppedFiles(event.dataTransfer));
    } catch {
      setText(fault, 'The browser cannot read what was dropped.');
    }
  };
  document.addEventListener('drop', (event) => void drop(event), options);
  return zone;
}

/** A button in front of a file input, which cannot be styled. */
function fileInput(label: string, attributes: object, take: (files: readonly ChosenFile[]) => void): HTMLElement {
  const input = element('input', {
    type: 'file',
    multiple: true,
    class: 'unseen',
    tabindex: -1,
    'aria-label': label,
    ...attributes,
  });
  input.addEventListener('change', () => {
    take(filesOf(input));
    input.value = '';
  });
  return element('span', {}, element('button', { type: 'button', onclick: () => input.click() }, label), input);
}

/** Once for the life of the page. */
function watchRecords(live: LiveStore): void {
  if (isWatching) return;
  isWatching = true;
  const take = (fresh: readonly RecordView[] = live.records) => {
    for (const { s3_key, status } of fresh) {
      if (status === 'uploaded') for (const batch of batches) batch.recorded(s3_key, Date.now());
    }
  };
  live.listen(take, new AbortController().signal);
}

/** The time of the burst: `101530`. */
function burstName(): string {
  return new Date().toISOString().slice(11, 19).replaceAll(':', '');
}
