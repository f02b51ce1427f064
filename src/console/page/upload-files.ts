import type { UploadJob } from './upload-batch.ts';

/** A file to upload, and its path below the folder that was chosen. */
export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

/** The files of a file input: with their folders, if it is one for folders. */
export function chosenFiles(input: HTMLInputElement): ChosenFile[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** The dropped files, and those in dropped folders. Must be called in the drop's handler: later the items are gone. */
export async function droppedFiles({ items }: DataTransfer): Promise<ChosenFile[]> {
  const dropped = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = dropped.map(async ({ entry, file }) => {
    if (entry !== null) return filesBelow(entry);
    // From another program than a file manager it can be a file without a path.
    return file === null ? [] : [{ path: file.name, file }];
  });
  return (await Promise.all(found)).flat();
}

async function filesBelow(entry: FileSystemEntry): Promise<ChosenFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  if (!isDirectory(entry)) return [];
  const files: ChosenFile[] = [];
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.map(filesBelow))).flat());
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

const UPLOADERS = ['alice', 'bob', 'carla', 'deniz', 'erika@example.com'] as const;

/** Folder, extension and largest size: kilobytes, so that five thousand files take seconds. */
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

/** Generated files by several uploaders. @param name Different for each burst. */
export function generateFiles(count: number, name: string): UploadJob[] {
  return Array.from({ length: count }, (_, index) => {
    const [folder, extension, maxBytes] = pick(KINDS);
    const number = String(index + 1).padStart(5, '0');
    return {
      key: `bursts/${name}/${folder}/${number}.${extension}`,
      uploader: pick(UPLOADERS),
      body: new Blob([new Uint8Array(1 + Math.floor(Math.random() * maxBytes))]),
    };
  });
}

function pick<Value>(values: readonly Value[]): Value {
  return values[Math.floor(Math.random() * values.length)] as Value;
}
