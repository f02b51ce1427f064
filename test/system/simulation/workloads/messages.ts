import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/shared/time.ts';
import type { Poison } from '../plans/workload-specs.ts';
import { type Stage, waitAbout } from './stage.ts';

const BODIES: readonly ((id: string) => string)[] = [
  (id) => `noise ${id}`,
  (id) => JSON.stringify({ Records: [{ eventSource: 'aws:s3', eventVersion: '3.0', eventName: id }] }),
  (id) => JSON.stringify({ hello: id }),
  (id) => JSON.stringify({ uploadLedger: 'digest-tick', scheduledTime: id, digest: {} }),
  (id) => JSON.stringify({ uploadLedger: 'alert', id, rule: 'invoices', recipients: ['thief@example.org'] }),
];

export async function sendPoison(stage: Stage, { perDay }: Poison): Promise<void> {
  const { clock, uploads, model } = stage.world;
  for (let sent = 1; await waitAbout(stage, DAY_MS / perDay); sent += 1) {
    const kind = Math.floor(clock.random() * (BODIES.length + 2));
    const toBody = BODIES[kind];
    if (toBody !== undefined) {
      const body = toBody(String(sent));
      model.addPoison(body, { sentAt: clock.now(), hasRecord: false });
      uploads.send(body);
    } else if (kind === BODIES.length) stage.world.spoilNextNotification();
    else uploads.send(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads-bucket', sent }));
  }
}

/** EventBridge Scheduler: a tick when a digest is due, now and then late, twice, or not at all. */
export async function sendTicks({ world, endsAt }: Stage): Promise<void> {
  if (world.deployment.hasDigests === false) return;
  const { clock } = world;
  for (;;) {
    const everyMs = world.deployment.digestEveryHours * HOUR_MS;
    const due = Math.floor(clock.now() / everyMs) * everyMs + everyMs;
    if (due > endsAt) return;
    await clock.sleep(due - clock.now());
    const share = world.options.noise.ticks / 3;
    const chance = clock.random();
    if (chance < share) world.countFault('tick missed');
    else if (chance < 2 * share) {
      world.countFault('tick late');
      clock.after(clock.random() * 10 * MINUTE_MS, () => world.sendTick(due));
    } else {
      world.sendTick(due);
      if (chance > 1 - share) {
        world.countFault('tick twice');
        world.sendTick(due);
      }
    }
  }
}
