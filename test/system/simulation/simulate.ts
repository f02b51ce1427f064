import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/shared/time.ts';
import { checkAlerts } from './checks/alerts.ts';
import { checkDigests } from './checks/digests.ts';
import { checkEvents, countGivenUp } from './checks/events.ts';
import { checkMessages } from './checks/messages.ts';
import { checkMetrics } from './checks/metrics.ts';
import { isUpload } from './checks/model.ts';
import { checkObjects } from './checks/objects.ts';
import { checkReconcile } from './checks/reconcile.ts';
import { checkRecords } from './checks/records.ts';
import type { Violation } from './checks/violation.ts';
import { hasOperator, type Plan, STARTS_AT } from './plans/plan.ts';
import type { Outage } from './plans/trouble.ts';
import { handleWithProduct, reconcileBucket, redriveDeadLetters } from './product.ts';
import { sendTicks } from './workloads/messages.ts';
import { runWorkload } from './workloads/workloads.ts';
import { World } from './world.ts';

/** What happened in a run. */
export interface SimulationReport {
  readonly uploads: number;
  readonly events: number;
  readonly invocations: number;
  readonly tableCalls: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly peakBacklog: number;
  /** Milliseconds from the end of the workloads and outages until nothing waited any more. */
  readonly drainedAfter: number;
  readonly deadLetters: number;
  readonly digests: number;
  /** Emails of alerts, those that say one again, alerts that could not be sent at once, and those given up at last. */
  readonly alerts: number;
  readonly alertsRepeated: number;
  /** Emails that tell what was held back. */
  readonly alertsOfHeldBack: number;
  readonly alertsLate: number;
  readonly alertsGivenUp: number;
  /** Events on the bus, repeats included, and records and others that the publisher has given up. */
  readonly published: number;
  readonly notPublished: number;
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  /** What happened to some of the objects of the violations. */
  readonly histories: ReadonlyMap<string, readonly string[]>;
}

/** Longest that a backlog may take to drain when nothing is wrong any more. */
const MAX_DRAIN_MS = 3 * DAY_MS;
/** After this long no invocation is left, and a tick has been tried as often as it may be. */
const SETTLING_MS = 25 * MINUTE_MS;
const MAX_HISTORIES = 3;

/**
 * Runs the plan against the product's own code, then checks what it left behind. The same plan gives the same run, event by event.
 */
export async function simulate(plan: Plan): Promise<SimulationReport> {
  const world = new World(plan, handleWithProduct);
  return world.clock.run(run(world, plan));
}

async function run(world: World, plan: Plan): Promise<SimulationReport> {
  const { clock } = world;
  const { days, workloads, outages = [] } = plan;
  const stage = { world, startsAt: STARTS_AT, endsAt: STARTS_AT + days * DAY_MS };
  await Promise.all([
    ...workloads.map((spec) => runWorkload(spec, stage)),
    sendTicks(stage),
    watchDeadLetters(world, stage.endsAt),
    ...outages.map((outage) => suffer(world, outage)),
  ]);
  const calmSince = clock.now();
  await drain(world);
  const drainedAfter = clock.now() - calmSince;
  noteDeadLetters(world);
  world.calm();
  if (hasOperator(plan)) await putRight(world);
  // The first of the two tells of everything; by the second it has done so.
  for (let tick = 0; tick < 2; tick += 1) {
    await clock.sleep(SETTLING_MS);
    if (world.deployment.hasDigests !== false) world.sendTick(clock.now());
  }
  await clock.sleep(SETTLING_MS);
  noteDeadLetters(world);
  await world.consumer.stop();
  await world.publishing?.mapping.stop();
  const violations = await check(world);
  return report(world, drainedAfter, violations);
}

async function drain(world: World): Promise<void> {
  const { clock } = world;
  const endsAt = clock.now() + MAX_DRAIN_MS;
  while (!world.isDrained && clock.now() < endsAt) await clock.sleep(10 * SECOND_MS);
}

/** The operator's last act: what an outage has left in the dead-letter queue goes back, and what then does not agree is repaired. */
async function putRight(world: World): Promise<void> {
  await redriveDeadLetters(world);
  await drain(world);
  await world.clock.sleep(SETTLING_MS);
  await reconcileBucket(world, { repair: true, graceMilliseconds: 0 });
}

async function suffer(world: World, { kind, atHours, hours }: Outage): Promise<void> {
  await world.clock.sleep(atHours * HOUR_MS);
  world.startOutage(kind);
  await world.clock.sleep(hours * HOUR_MS);
  world.endOutage(kind);
}

/** Dead letters expire in time, and commands move them: what has been among them is noted twice a day. */
async function watchDeadLetters(world: World, endsAt: number): Promise<void> {
  while (world.clock.now() < endsAt) {
    await world.clock.sleep(DAY_MS / 2);
    noteDeadLetters(world);
  }
}

function noteDeadLetters({ deadLetters, model }: World): void {
  for (const { body, movedFrom } of deadLetters.all()) {
    // Of a message that was quarantined, what can be read is recorded all the same.
    if (movedFrom !== undefined || !model.poison.has(body)) model.addDead(body);
  }
}

async function check(world: World): Promise<Violation[]> {
  return [
    ...checkMessages(world),
    ...checkRecords(world),
    ...(await checkObjects(world)),
    ...(world.deployment.hasDigests === false ? [] : checkDigests(world)),
    ...checkAlerts(world),
    ...checkMetrics(world),
    ...checkEvents(world),
    ...(await checkReconcile(world)),
  ];
}

function report(world: World, drainedAfter: number, violations: readonly Violation[]): SimulationReport {
  const { model, table, deadLetters, seen, consumer } = world;
  const objects = [...new Set(violations.flatMap(({ object }) => object ?? []))].slice(0, MAX_HISTORIES);
  for (const { promise, what } of violations) world.trace('violated', promise, what);
  const events = [...model.all()];
  return {
    uploads: events.filter(({ event }) => isUpload(event)).length,
    events: events.length,
    invocations: consumer.invocations,
    tableCalls: [...table.calls.values()].reduce((sum, calls) => sum + calls, 0),
    faults: world.faults,
    peakBacklog: world.uploads.peak,
    drainedAfter,
    deadLetters: deadLetters.size,
    digests: seen.digests.length,
    alerts: seen.alerts.length,
    alertsRepeated: seen.alerts.length - new Set(seen.alerts.map(({ alert }) => alert.id)).size,
    alertsOfHeldBack: seen.alerts.filter(({ alert }) => alert.since !== undefined).length,
    alertsLate: seen.failedAlerts.size,
    alertsGivenUp: [...seen.failedAlerts.values()].filter((isGivenUp) => isGivenUp).length,
    published: world.publishing?.bus.accepted.length ?? 0,
    notPublished: world.publishing === undefined ? 0 : countGivenUp(world.publishing),
    violations,
    traceHash: world.traceHash(),
    histories: new Map(objects.map((object) => [object, model.history(object, table)])),
  };
}
