import { formatBytes } from '../../shared/format.ts';
import { element, setText } from './dom.ts';
import { categoryElement, countText } from './shown.ts';
import { type Stack, shareAt, shareInAll } from './stack-minutes.ts';

/** What the colours mean, and the figures behind the charts. */
export interface Legend {
  readonly figure: HTMLElement;
  show(uploads: Stack, bytes: Stack): void;
  /** Tells of one minute instead of the hour. */
  point(position: number | undefined): void;
}

/** @param categories From the bottom of the stack: listed from its top. */
export function legend(categories: readonly string[]): Legend {
  const period = element('caption', {}, 'Last hour');
  const rows = categories.map((category, index) => {
    const uploads = element('td');
    const bytes = element('td');
    const row = element('tr', {}, element('th', { scope: 'row' }, categoryElement(category)), uploads, bytes);
    return { index, row, uploads, bytes };
  });
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Category'),
    element('th', { scope: 'col' }, 'Uploads'),
    element('th', { scope: 'col' }, 'Bytes'),
  );
  const body = element('tbody', {}, rows.map(({ row }) => row).reverse());
  const table = element('table', { class: 'legend' }, period, element('thead', {}, head), body);
  let stacks: readonly [Stack, Stack] | undefined;
  let pointed: number | undefined;
  const render = () => {
    if (stacks === undefined) return;
    const [ofUploads, ofBytes] = stacks;
    const share = (stack: Stack, index: number) =>
      pointed === undefined ? shareInAll(stack, index) : shareAt(stack, index, pointed);
    setText(period, pointed === undefined ? 'Last hour' : minuteText(ofUploads.minutes[pointed]));
    for (const { index, row, uploads, bytes } of rows) {
      const count = share(ofUploads, index);
      row.classList.toggle('none', count === 0);
      setText(uploads, countText(count));
      setText(bytes, formatBytes(share(ofBytes, index)));
    }
  };
  return {
    figure: element('div', { class: 'card' }, table),
    show: (uploads, bytes) => {
      stacks = [uploads, bytes];
      render();
    },
    point: (position) => {
      if (position === pointed) return;
      pointed = position;
      render();
    },
  };
}

function minuteText(seconds = 0): string {
  return `${new Date(seconds * 1000).toISOString().slice(11, 16)} UTC`;
}
