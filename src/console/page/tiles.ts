import { formatBytes, formatCount, formatDuration } from '../../shared/format.ts';
import { element, setText } from './dom.ts';
import type { LiveStore } from './live-store.ts';
import { minuteOf } from './stack-minutes.ts';

/** The figures at the top of the live view. */
interface Tiles {
  readonly list: HTMLElement;
  show(live: LiveStore, now: number): void;
}

/** One figure, and the note below it. */
type Figure = readonly [value: string, below: string];

interface Tile {
  readonly label: string;
  readonly read: (live: LiveStore, now: number) => Figure;
  /** Whether somebody should look. */
  readonly isBad?: (live: LiveStore) => boolean;
}

const UNKNOWN = '-';

const TILES: readonly Tile[] = [
  {
    label: 'Uploads this minute',
    read: (live, now) => [
      formatCount(inMinute(live, now, 'uploads')),
      `${formatCount(inHour(live, 'uploads'))} in 1 h`,
    ],
  },
  {
    label: 'Bytes this minute',
    read: (live, now) => [formatBytes(inMinute(live, now, 'bytes')), `${formatBytes(inHour(live, 'bytes'))} in 1 h`],
  },
  {
    label: 'Recording delay',
    read: ({ delay }) =>
      delay === undefined
        ? [UNKNOWN, 'no new record in 5 min']
        : [formatDuration(delay.median), `at most ${formatDuration(delay.greatest)}, in 5 min`],
  },
  {
    label: 'Queue',
    read: ({ queues }) => (queues === undefined ? [UNKNOWN, ''] : [formatCount(queues.waiting), 'messages wait']),
  },
  {
    label: 'In flight',
    read: ({ queues }) => (queues === undefined ? [UNKNOWN, ''] : [formatCount(queues.inFlight), 'being recorded']),
  },
  {
    label: 'Backlog age',
    read: ({ queues }) => {
      if (queues === undefined) return [UNKNOWN, ''];
      return queues.backlogAge === 0
        ? ['0 s', 'the queue is empty']
        : [formatDuration(queues.backlogAge), 'since it was last empty'];
    },
  },
  {
    label: 'Dead letters',
    read: ({ queues }) => {
      if (queues === undefined) return [UNKNOWN, ''];
      return [formatCount(queues.deadLetters), queues.deadLetters === 0 ? 'nothing failed' : 'see Failed'];
    },
    isBad: ({ queues }) => (queues?.deadLetters ?? 0) > 0,
  },
];

export function createTiles(): Tiles {
  const parts = TILES.map((tile) => {
    const value = element('span.figure');
    const below = element('span.below');
    const box = element('div.tile', element('dt', tile.label), element('dd', value, below));
    return { tile, value, below, box };
  });
  return {
    list: element(
      'dl.tiles',
      parts.map(({ box }) => box),
    ),
    show: (live, now) => {
      for (const { tile, value, below, box } of parts) {
        const [figure, note] = tile.read(live, now);
        setText(value, figure);
        setText(below, note);
        box.classList.toggle('bad', tile.isBad?.(live) ?? false);
      }
    },
  };
}

function inMinute({ minutes }: LiveStore, now: number, of: 'uploads' | 'bytes'): number {
  const start = minuteOf(now);
  return sum(minutes.find(({ minute }) => minute === start)?.[of] ?? []);
}

function inHour({ minutes }: LiveStore, of: 'uploads' | 'bytes'): number {
  return sum(minutes.flatMap((minute) => minute[of]));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
