import { errorMessage } from '../../shared/errors.ts';
import type { SourceView } from '../api-types.ts';
import { withTicket } from './api.ts';
import { button, copyButton, element, setText } from './dom.ts';
import type { SearchQuery } from './query-form.ts';

/** Buttons that keep all records of a search as a file, and the command that does the same. */
export function exportControls(query: SearchQuery, parameters: URLSearchParams, source: SourceView): HTMLElement {
  const problem = element('span.note', { role: 'status' });
  const download = async (format: string) => {
    try {
      const address = `/api/export?${new URLSearchParams([...parameters, ['format', format]])}`;
      element('a', { href: await withTicket(address), download: '' }).click();
    } catch (error) {
      setText(problem, errorMessage(error));
    }
  };
  const command = listCommand(query, source);
  return element(
    'details.export',
    element('summary', 'Export'),
    element(
      'div.actions',
      button('CSV', () => void download('csv')),
      button('JSON lines', () => void download('json')),
      problem,
    ),
    element('p.note', 'The same on the command line:'),
    element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Command' }, command),
    copyButton('Copy the command', command),
  );
}

/** A day before all uploads, to ask for all time: S3 opened on it. */
const FIRST_DAY = '2006-03-14';

function listCommand({ last, since, until, prefix, part, ...query }: SearchQuery, source: SourceView): string {
  const { isLocal, stackName = '', region } = source;
  const options: readonly (readonly [string, string])[] = [
    ['since', last || since || (query.uploader === '' ? '30d' : FIRST_DAY)],
    ['until', until],
    ['prefix', prefix],
    ['contains', part],
    ['uploader', query.uploader],
    ['bucket', query.bucket],
    ['category', query.category],
    ['status', query.status],
    ...(isLocal
      ? []
      : ([
          ['stack', stackName],
          ['region', region],
        ] as const)),
  ];
  const given = options.filter(([, value]) => value !== '').map(([name, value]) => `--${name}=${shellQuoted(value)}`);
  return ['upload-ledger list', ...given, ...(isLocal ? ['--local'] : []), '--csv > uploads.csv'].join(' ');
}

/** For POSIX shells. */
function shellQuoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
