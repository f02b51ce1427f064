import type { Plan } from './plan.ts';

const RECIPIENTS = ['ops@example.com'];
const EVERYTHING = { name: 'everything', everything: true, recipients: RECIPIENTS };

/** A noisy alert rule beside a quiet one: a file a second for two minutes, and one invoice among them. */
export const NOISY: Plan = {
  seed: 1,
  days: 0.5,
  workloads: [{ kind: 'noisy-folder', everyHours: 1 }],
  deployment: {
    // A batch a second.
    batchWindowSeconds: 0,
    batchSize: 10,
    alerts: [EVERYTHING, { name: 'invoices', prefix: 'invoices/', recipients: RECIPIENTS }],
  },
};

/** Uploads each of which matches an alert rule, while SES is down for some hours. */
export function withSesDown(hours: number): Plan {
  return {
    seed: 1,
    days: 0.75,
    workloads: [{ kind: 'steady', perDay: 400 }],
    deployment: { alerts: [EVERYTHING] },
    outages: [{ kind: 'email', atHours: 10, hours }],
  };
}
