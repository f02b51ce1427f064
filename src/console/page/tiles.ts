import { formatBytes, formatCount, formatDuration } from '../../shared/format.ts';
import type { QueuesView } from '../api-types.ts';
import { element, setText } from './dom.ts';
import type { LiveStore } from './live-store.ts';
import { minuteOf } from './stack-minutes.ts';

/** One figure, and the note below it. */
type Figure = readonly [value: string, below: string];

type ReadFigure = (live: LiveStore, now: number) => Figure;

const UNKNOWN = '-';
const DEAD_LETTERS = 'Dead letters';

/** A figure of the queues, which are unknown at first. */
const ofQueues =
  (read: (queues: QueuesView) => Figure): ReadFigure =>
  ({ queues }) =>
    queues === undefined ? [UNKNOWN, ''] : read(queues);

const TILES: readonly (readonly [label: string, read: ReadFigure])[] = [
  [
    'Uploads this minute',
    (live, now) => [formatCount(inMinute(live, now, 'uploads')), `${formatCount(inHour(live, 'uploads'))} in 1 h`],
  ],
  [
    'Bytes this minute',
    (live, now) => [formatBytes(inMinute(live, now, 'bytes')), `${formatBytes(inHour(live, 'bytes'))} in 1 h`],
  ],
  [
    'Recording delay',
    ({ delay }) =>
      delay === undefined
        ? [UNKNOWN, 'no new record in 5 min']
        : [formatDuration(delay.median), `at most ${formatDuration(delay.greatest)}, in 5 min`],
  ],
  ['Queue', ofQueues(({ waiting }) => [formatCount(waiting), 'messages wait'])],
  ['In flight', ofQueues(({ inFlight }) => [formatCount(inFlight), 'being recorded'])],
  [
    'Backlog age',
    ofQueues(({ backlogAge: age }) =>
      age === 0 ? ['0 s', 'the queue is empty'] : [formatDuration(age), 'since it was last empty'],
    ),
  ],
  [
    DEAD_LETTERS,
    ofQueues(({ deadLetters: count }) => [formatCount(count), count === 0 ? 'nothing failed' : 'see Failed']),
  ],
];

/** The figures at the top of the live view. */
export function createTiles() {
  const tiles = TILES.map(([label, read]) => {
    const value = element('span.figure');
    const below = element('span.below');
    const box = element('div.tile', element('dt', label), element('dd', value, below));
    return { label, read, value, below, box };
  });
  return {
    list: element(
      'dl.tiles',
      tiles.map(({ box }) => box),
    ),
    show: (live: LiveStore, now: number) => {
      for (const { label, read, value, below, box } of tiles) {
        const [figure, note] = read(live, now);
        setText(value, figure);
        setText(below, note);
        box.classList.toggle('bad', label === DEAD_LETTERS && (live.queues?.deadLetters ?? 0) > 0);
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
