import type { Plan } from './plan.ts';

/** Uploads, alerts and digests with their events, while EventBridge is away for some hours. */
export function withEventBridgeAway(hours: number): Plan {
  return {
    seed: 1,
    days: 2,
    workloads: [{ kind: 'steady', perDay: 400 }],
    deployment: {
      publishesEvents: true,
      digestEveryHours: 4,
      alerts: [{ name: 'invoices', prefix: 'invoices/', recipients: ['ops@example.com'] }],
    },
    outages: [{ kind: 'events', atHours: 6, hours }],
  };
}
