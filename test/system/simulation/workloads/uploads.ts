import { pick } from '../../../../src/shared/seeded-random.ts';
import { DAY_MS, HOUR_MS, SECOND_MS, WEEK_MS } from '../../../../src/shared/time.ts';
import type {
  Bursts,
  BusyUploader,
  FullHours,
  NoisyFolder,
  Parts,
  SameContent,
  Steady,
} from '../plans/workload-specs.ts';
import { type Stage, waitAbout } from './stage.ts';

const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
const EXTENSIONS = ['.txt', '.pdf', '.mp4', '.csv', ''] as const;
/** Share of the usual rate before six in the morning, and in a quiet week. */
const NIGHT = 0.1;
const QUIET_WEEK = 0.02;
/** What makes up for the nights. */
const DAYTIME = 1.3;
/** Milliseconds over which a burst is spread. */
const BURST_MS = 10 * SECOND_MS;
const BUSY_KEYS = 5;
/** Milliseconds before and after the full hour. */
const AROUND_MS = 3 * SECOND_MS;

export async function uploadSteadily(stage: Stage, { perDay, quietWeeks = false }: Steady): Promise<void> {
  const { clock } = stage.world;
  while (clock.now() < stage.endsAt) {
    uploadOne(stage);
    const share = new Date(clock.now()).getUTCHours() < 6 ? NIGHT : DAYTIME;
    const week = Math.floor((clock.now() - stage.startsAt) / WEEK_MS);
    const quiet = quietWeeks && week % 2 === 1 ? QUIET_WEEK : 1;
    await waitAbout(stage, DAY_MS / (perDay * share * quiet));
  }
}

export async function uploadInBursts(stage: Stage, { everyHours, uploads }: Bursts): Promise<void> {
  const { clock } = stage.world;
  while (await waitAbout(stage, everyHours * HOUR_MS)) {
    for (let left = uploads; left > 0; left -= 1) {
      uploadOne(stage);
      if (left % 100 === 0) await clock.sleep((BURST_MS * 100) / uploads);
    }
  }
}

const NOISY_SECONDS = 120;

export async function uploadNoisily(stage: Stage, { everyHours }: NoisyFolder): Promise<void> {
  const { clock, bucket, keys } = stage.world;
  while (await waitAbout(stage, everyHours * HOUR_MS)) {
    const invoiceAt = Math.floor(clock.random() * NOISY_SECONDS);
    for (let second = 0; second < NOISY_SECONDS; second += 1) {
      const folder = second === invoiceAt ? 'invoices' : 'noise';
      bucket.put(keys.make(folder, '.txt'), sizeOf(stage), person('sensor'));
      await clock.sleep(SECOND_MS);
    }
  }
}

export async function uploadAtFullHours(stage: Stage, { uploads }: FullHours): Promise<void> {
  const { clock } = stage.world;
  for (;;) {
    const hour = Math.floor(clock.now() / HOUR_MS + 1) * HOUR_MS;
    if (hour + AROUND_MS >= stage.endsAt) return;
    await clock.sleep(hour - AROUND_MS - clock.now());
    for (let left = uploads; left > 0; left -= 1) {
      await clock.sleep((clock.random() * 4 * AROUND_MS) / uploads);
      uploadOne(stage);
    }
  }
}

export async function uploadBusily(stage: Stage, { perDay }: BusyUploader): Promise<void> {
  const { clock, bucket } = stage.world;
  while (await waitAbout(stage, (DAY_MS * 2.5) / perDay)) {
    const key = `busy/${Math.floor(clock.random() * BUSY_KEYS)}.csv`;
    const times = 1 + Math.floor(clock.random() * 4);
    for (let time = 0; time < times; time += 1) {
      bucket.put(key, sizeOf(stage), person('busy'));
      if (clock.random() < 0.1) bucket.delete(key, person('busy'));
      if (clock.random() < 0.5) await clock.sleep(clock.random() * SECOND_MS);
    }
  }
}

export async function uploadSameContent(stage: Stage, { perDay }: SameContent): Promise<void> {
  const { clock, bucket, keys } = stage.world;
  while (await waitAbout(stage, (DAY_MS * 2) / perDay)) {
    const key = keys.make('same', '.txt');
    const size = sizeOf(stage);
    const eTag = (size * 1_597_334_677).toString(16).padStart(32, '0');
    for (const name of [pick(clock.random, PEOPLE), pick(clock.random, PEOPLE)]) {
      bucket.put(key, size, person('portal'), { eTag, uploader: `${name}@example.com` });
      await clock.sleep(clock.random() * (clock.random() < 0.3 ? SECOND_MS : 20 * SECOND_MS));
    }
    if (clock.random() < 0.3) bucket.delete(key, person('portal'));
  }
}

/** Longest time between two changes of a key to which parts are uploaded. */
const PARTS_MS = 3 * HOUR_MS;

export async function uploadInParts(stage: Stage, { perDay }: Parts): Promise<void> {
  const stories: Promise<void>[] = [];
  while (await waitAbout(stage, DAY_MS / perDay)) stories.push(overtakeParts(stage));
  await Promise.all(stories);
}

async function overtakeParts(stage: Stage): Promise<void> {
  const { clock, bucket, keys } = stage.world;
  const [key, who, initiatedAt] = [keys.make('parts', '.mp4'), person('portal'), clock.now()];
  const changes = [
    () => (clock.random() < 0.8 ? bucket.put(key, sizeOf(stage), who) : bucket.delete(key, who)),
    () => bucket.completeMultipart(key, sizeOf(stage), who, { initiatedAt }),
    () => {
      const last = bucket.versionsOf(key).at(-1);
      if (last !== undefined && clock.random() < 0.7) bucket.deleteVersion(last, who);
    },
  ];
  for (const change of changes) {
    await clock.sleep(clock.random() * PARTS_MS);
    if (clock.now() >= stage.endsAt) return;
    change();
  }
}

/** An upload by anybody: mostly of a new key, else over one that is there; and now and then a delete. */
function uploadOne(stage: Stage): void {
  const { clock, bucket, keys } = stage.world;
  const known = clock.random() < 0.2 ? keys.any() : undefined;
  const key = known ?? keys.make(clock.random() < 0.05 ? 'invoices' : 'files', pick(clock.random, EXTENSIONS));
  const who = person(pick(clock.random, PEOPLE));
  const how = clock.random();
  const uploader = clock.random() < 0.5 ? `${pick(clock.random, PEOPLE)}@example.com` : undefined;
  if (how < 0.85) bucket.put(key, sizeOf(stage), who, { uploader });
  else if (how < 0.9) bucket.put(key, sizeOf(stage), who, { kind: 'Post', uploader });
  else if (how < 0.95) bucket.put(key, sizeOf(stage), who, { kind: 'Copy', uploader });
  else {
    const initiatedAt = clock.now() - clock.random() * HOUR_MS;
    bucket.completeMultipart(key, sizeOf(stage), who, { initiatedAt, uploader });
  }
  if (clock.random() < 0.05) bucket.delete(keys.any() ?? key, who);
}

function sizeOf({ world }: Stage): number {
  return Math.floor(world.clock.random() * 1_000_000);
}

function person(name: string): string {
  return `AWS:AROAEXAMPLE:${name}`;
}
