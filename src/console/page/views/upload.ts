import { formatCount } from '../../../shared/format.ts';
import type { RecordView } from '../../api-types.ts';
import { button, element, fill, setStatus } from '../dom.ts';
import type { LiveStore } from '../live-store.ts';
import type { View } from '../router.ts';
import { batchCard, UploadBatch, type UploadJob } from '../upload-batch.ts';
import { type ChosenFile, chosenFiles, droppedFiles, generateFiles } from '../upload-files.ts';

const BURSTS = [100, 1000, 5000] as const;

/** Batches that stay on the page, newest first: leaving the view does not stop them. */
const batches: UploadBatch[] = [];
const MAX_BATCHES = 8;

let isWatching = false;

/** Uploads files by presigned URLs, as any client does, and shows when they are recorded. Local stack only. */
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
  const list = element('div.batches');
  const show = () =>
    fill(
      list,
      batches.map((batch) => batchCard(batch, source.bucketName, signal)),
    );
  const start = (title: string, jobs: readonly UploadJob[]) => {
    const batch = new UploadBatch(title, jobs);
    batches.unshift(batch);
    batches.splice(MAX_BATCHES);
    show();
    void batch.run();
  };
  const take = (files: readonly ChosenFile[]) => {
    if (files.length === 0 || !uploader.reportValidity()) return;
    const jobs = files.map(({ path, file }) => ({ key: folder.value + path, uploader: uploader.value, body: file }));
    start(files.length === 1 ? '1 file' : `${formatCount(files.length)} files`, jobs);
  };
  const bursts = BURSTS.map((count) =>
    button(formatCount(count), () => start(`Burst of ${formatCount(count)}`, generateFiles(count, burstName()))),
  );
  fill(
    main,
    element('h1', { tabindex: -1 }, 'Upload'),
    element(
      'section.card',
      element(
        'div.fields',
        element('label', element('span', 'Upload as'), uploader),
        element('label', element('span', 'Into the folder'), folder),
      ),
      dropZone(source.bucketName, take, signal),
    ),
    element(
      'section.card',
      element('h2', 'A burst of generated files'),
      element('p.note', 'Small files of all kinds, by five uploaders. Watch them in Live.'),
      element('div.actions', bursts),
    ),
    list,
  );
  show();
};

function dropZone(bucket: string, take: (files: readonly ChosenFile[]) => void, signal: AbortSignal): HTMLElement {
  const files = fileInput('Choose files', {}, take);
  const folders = fileInput('Choose a folder', { webkitdirectory: true }, take);
  const problem = element('p.note', { role: 'status' });
  const zone = element(
    'div.zone',
    element('p', 'Drop files or folders here: they go to the bucket ', element('span.mono', bucket), '.'),
    element('div.actions', files, folders),
    problem,
  );
  const over = (isOver: boolean) => zone.classList.toggle('over', isOver);
  // Outside the zone as well: otherwise the browser would leave the page and open the file.
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
      setStatus(problem, 'The browser cannot read what was dropped.', true);
    }
  };
  document.addEventListener('drop', (event) => void drop(event), options);
  return zone;
}

/** A button in place of a file input, which cannot be styled. */
function fileInput(label: string, attributes: object, take: (files: readonly ChosenFile[]) => void): HTMLElement {
  const input = element('input.unseen', {
    type: 'file',
    multiple: true,
    tabindex: -1,
    'aria-label': label,
    ...attributes,
  });
  input.addEventListener('change', () => {
    take(chosenFiles(input));
    input.value = '';
  });
  return element(
    'span',
    button(label, () => input.click()),
    input,
  );
}

/** Once for the life of the page. */
function watchRecords(live: LiveStore): void {
  if (isWatching) return;
  isWatching = true;
  const take = (fresh: readonly RecordView[] = live.records) => {
    for (const { s3_key, status } of fresh) {
      if (status === 'uploaded') for (const batch of batches) batch.setRecorded(s3_key, Date.now());
    }
  };
  live.listen(take);
}

/** The time of day: `101530`. */
function burstName(): string {
  return new Date().toISOString().slice(11, 19).replaceAll(':', '');
}
