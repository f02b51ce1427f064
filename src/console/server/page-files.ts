import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** One file of the page, as it is sent. */
export interface PageFile {
  readonly contentType: string;
  readonly body: string;
}

const FOLDER = path.resolve(import.meta.dirname, '../page');

/** All views are the one page, which reads its address itself. */
const VIEW_PATHS = [
  '/',
  '/search',
  '/statistics',
  '/health',
  '/dashboard',
  '/object',
  '/failed',
  '/mail',
  '/upload',
] as const;

/**
 * All files of the page, by path. Requests are looked up here and nowhere else: no path of a request ever reaches the
 * file system.
 *
 * The scripts are TypeScript like everything else. They are bundled in memory, in a tenth of a second, so that there is
 * no build to forget.
 */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: [path.join(FOLDER, 'page.ts'), path.join(FOLDER, 'page.css')],
    outdir: FOLDER,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    legalComments: 'none',
    logLevel: 'silent',
    // The settings that the editor and the type check use are not those of the build.
    tsconfigRaw: '{}',
  });
  const built = outputFiles.map(({ path: file, text }): [string, PageFile] => [
    `/${path.basename(file)}`,
    { contentType: contentTypeOf(file), body: text },
  ]);
  const html = read('index.html');
  const views = VIEW_PATHS.map((view): [string, PageFile] => [view, html]);
  return new Map([...built, ...views, ['/icon.svg', read('icon.svg')]]);
}

function read(name: string): PageFile {
  return { contentType: contentTypeOf(name), body: readFileSync(path.join(FOLDER, name), 'utf8') };
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function contentTypeOf(file: string): string {
  return CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
}
