import { DAY_MS, HOUR_MS } from '../../../../src/shared/time.ts';
import type { Lifecycle, VersionDeletes } from '../plans/workload-specs.ts';
import type { S3Event } from '../services/simulated-s3.ts';
import { type Stage, waitAbout } from './stage.ts';

const WHO = 'AWS:AROAEXAMPLE:frank';

export async function runLifecycle(stage: Stage, rules: Lifecycle): Promise<void> {
  const { world } = stage;
  world.onEvent((event) => {
    if (!event.eventName.startsWith('ObjectCreated:')) return;
    expireLater(stage, event, rules);
    if (world.clock.random() < (rules.restoreShare ?? 0)) restoreLater(stage, event.version.key);
  });
  await world.clock.sleep(stage.endsAt - world.clock.now());
}

function expireLater(stage: Stage, { version }: S3Event, rules: Lifecycle): void {
  const { bucket } = stage.world;
  const { expireAfterHours, noncurrentAfterHours } = rules;
  const isCurrent = () => bucket.current(version.key)?.sequencer === version.sequencer;
  if (expireAfterHours !== undefined)
    later(stage, expireAfterHours, () => {
      if (isCurrent()) bucket.expire(version.key);
    });
  if (noncurrentAfterHours !== undefined && version.versionId !== undefined)
    later(stage, noncurrentAfterHours, () => {
      if (!isCurrent()) bucket.expireVersion(version);
    });
}

function restoreLater(stage: Stage, key: string): void {
  const { clock, bucket } = stage.world;
  const times = clock.random() < 0.3 ? 2 : 1;
  for (let time = 0; time < times; time += 1) {
    const asked = 1 + clock.random() * 10;
    later(stage, asked, () => bucket.restore(key, 'Post'));
    later(stage, asked + 1, () => bucket.restore(key, 'Completed'));
    later(stage, asked + 10, () => bucket.restore(key, 'Delete'));
  }
}

export async function deleteVersions(stage: Stage, { perDay }: VersionDeletes): Promise<void> {
  const { clock, bucket, keys } = stage.world;
  while (await waitAbout(stage, DAY_MS / perDay)) {
    const key = keys.any();
    if (key === undefined) continue;
    const versions = bucket.versionsOf(key);
    // The newest is what users take back most often: a wrong upload, or a delete by mistake.
    const at = clock.random() < 0.6 ? versions.length - 1 : Math.floor(clock.random() * versions.length);
    const version = versions[at];
    if (version !== undefined) bucket.deleteVersion(version, WHO);
  }
}

/** Does it so many hours from now, unless the simulated time is over by then. */
function later({ world: { clock }, endsAt }: Stage, hours: number, act: () => void): void {
  if (clock.now() + hours * HOUR_MS < endsAt) clock.after(hours * HOUR_MS, act);
}
