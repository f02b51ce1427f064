import { errorMessage } from '../../shared/errors.ts';
import type { SourceView } from '../api-types.ts';
import { withTicket } from './api.ts';
import { button, copyButton, element, setStatus } from './dom.ts';
import type { SearchQuery } from './query-form.ts';

interface ExportOptions {
  /** What is kept in which form: the label of its button, and the address of the file. */
  readonly files: readonly (readonly [label: string, address: string])[];
  /** Does the same. */
  readonly command: string;
}

/** Buttons that keep everything that a search finds as a file, and the command that does the same. */
export function exportControls({ files, command }: ExportOptions): HTMLElement {
  const problem = element('span.note', { role: 'status' });
  const download = async (address: string) => {
    try {
      element('a', { href: await withTicket(address), download: '' }).click();
    } catch (error) {
      setStatus(problem, errorMessage(error), true);
    }
  };
  return element(
    'details.export',
    element('summary', 'Export'),
    element(
      'div.actions',
      files.map(([label, address]) => button(label, () => void download(address))),
      problem,
    ),
    element('p.note', 'The same on the command line:'),
    element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Command' }, command),
    copyButton('Copy the command', command),
  );
}

/** The records of a search. */
export function recordsExport(query: SearchQuery, parameters: URLSearchParams, source: SourceView): ExportOptions {
  const address = (format: string) => `/api/export?${new URLSearchParams([...parameters, ['format', format]])}`;
  return {
    files: [
      ['CSV', address('csv')],
      ['JSON lines', address('json')],
    ],
    command: listCommand(query, source),
  };
}

/** The dead letters of a search. */
export function deadLettersExport(
  { last, since, until, reason, text }: SearchQuery,
  parameters: URLSearchParams,
  source: SourceView,
): ExportOptions {
  const options = toOptions({ reason, contains: text, since: last || since, until });
  return {
    files: [['JSON lines', `/api/dead-letters/export?${parameters}`]],
    command: ['upload-ledger dlq export dead-letters.jsonl', ...options, ...placeOptions(source)].join(' '),
  };
}

/** A day before all uploads, to ask for all time: S3 opened on it. */
const FIRST_DAY = '2006-03-14';

function listCommand({ last, since, until, prefix, part, ...query }: SearchQuery, source: SourceView): string {
  const { uploader, bucket, category, status } = query;
  const begin = last || since || (uploader === '' ? '30d' : FIRST_DAY);
  const options = toOptions({ since: begin, until, prefix, contains: part, uploader, bucket, category, status });
  return ['upload-ledger list', ...options, ...placeOptions(source), '--csv > uploads.csv'].join(' ');
}

function placeOptions({ isLocal, stackName = '', region }: SourceView): string[] {
  return isLocal ? ['--local'] : toOptions({ stack: stackName, region });
}

/** The options that have a value. */
function toOptions(values: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return given.map(([name, value]) => `--${name}=${shellQuoted(value)}`);
}

/** For POSIX shells. */
function shellQuoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
