import { formatBytes, formatCount, formatDuration } from '../../shared/format.ts';
import type { QueuesView } from '../api-types.ts';
import { element, setText } from './dom.ts';
import type { LiveStore } from './live-store.ts';

/** One figure, and the note below it. */
type Figure = readonly [value: string, below: string];

type ReadFigure = (live: LiveStore) => Figure;

const UNKNOWN = '-';
const DEAD_LETTERS = 'Dead letters';

/** A figure of the queues, which are unknown at first. */
const ofQueues =
  (read: (queues: QueuesView) => Figure): ReadFigure =>
  ({ queues }) =>
    queues === undefined ? [UNKNOWN, ''] : read(queues);

const TILES: readonly (readonly [label: string, read: ReadFigure])[] = [
  [
    'Uploads in 60 s',
    (live) => [formatCount(live.lastMinute.uploads), `${formatCount(inHour(live, 'uploads'))} ${hourText(live)}`],
  ],
  [
    'Bytes in 60 s',
    (live) => [formatBytes(live.lastMinute.bytes), `${formatBytes(inHour(live, 'bytes'))} ${hourText(live)}`],
  ],
  [
    'Recording delay',
    ({ delay }) =>
      delay === undefined
        ? [UNKNOWN, 'no new record in 5 min']
        : [formatDuration(delay.median), `at most ${formatDuration(delay.greatest)}, in 5 min`],
  ],
  ['Queue', ofQueues(({ waiting }) => [formatCount(waiting), waiting === 1 ? 'message waits' : 'messages wait'])],
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
    const below = label === DEAD_LETTERS ? element('a.below', { href: '/failed' }) : element('span.below');
    const box = element('div.tile', element('dt', label), element('dd', value, below));
    return { label, read, value, below, box };
  });
  return {
    list: element(
      'dl.tiles',
      tiles.map(({ box }) => box),
    ),
    show: (live: LiveStore) => {
      for (const { label, read, value, below, box } of tiles) {
        const [figure, note] = read(live);
        setText(value, figure);
        setText(below, note);
        box.classList.toggle('bad', label === DEAD_LETTERS && (live.queues?.deadLetters ?? 0) > 0);
      }
    },
  };
}

function hourText({ isCounting }: LiveStore): string {
  return isCounting ? 'so far in 1 h' : 'in 1 h';
}

function inHour({ minutes }: LiveStore, of: 'uploads' | 'bytes'): number {
  return minutes.flatMap((minute) => minute[of]).reduce((all, one) => all + one, 0);
}
