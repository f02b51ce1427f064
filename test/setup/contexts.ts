import { LOCAL_EMAIL } from '../../src/cli/assembly.ts';
import { EMAIL, VARIANTS } from '../infra/variants.ts';
import { webhookSettings } from '../system/webhooks/receivers.ts';

/** As few receives as there can be at the default timeout, 20, so that a message that fails is soon a dead letter. */
const FEW_RECEIVES = { retryHours: '1' };

/** Alarms look at one batch after the other, so batches do not wait to be filled. */
const AT_ONCE = { batchSize: '10', batchWindowSeconds: '0', ...FEW_RECEIVES };

const inTheMorning = {
  name: 'daily',
  schedule: 'cron(0 9 * * ? *)',
  timeZone: 'Europe/Berlin',
  recipients: ['team@example.com'],
};

/** By which a test tells alarms apart. */
const RUNBOOK = { runbookUrl: 'https://wiki.example.com/runbook' };

const RECIPE_WEBHOOKS = JSON.stringify([
  { name: 'app', url: 'https://app.example.com/hooks', secretName: 'ledger/app', events: ['UploadRecorded'] },
]);

/** The settings of the stacks that tests run, by name. */
export const CONTEXTS = {
  default: {},
  eventBridge: VARIANTS['owned bucket through EventBridge'],
  /** Who uploaded is in the key, or else in the metadata. */
  metadata: { ...VARIANTS['owned bucket with metadata'], uploaderKeyTemplate: 'uploads/{uploader}/{*}' },
  localEmail: LOCAL_EMAIL,
  /** One digest, due by itself on New Year's Eve only, and one alert for keys below `urgent/`. */
  email: {
    emailSender: 'ledger@example.com',
    digests: JSON.stringify([{ name: 'daily', schedule: 'cron(59 23 31 12 ? *)', recipients: ['team@example.com'] }]),
    alerts: JSON.stringify([{ name: 'urgent', prefix: 'urgent/', recipients: ['on-call@example.com'] }]),
    alertsPerMinute: '1000',
    batchWindowSeconds: '1',
    ...FEW_RECEIVES,
  },
  /** Events on the account's bus. */
  events: { recordedEventsBus: 'default', ...AT_ONCE },
  /** Alerts and digests are events as well; what commands find is none. */
  eventsOfEmail: {
    ...EMAIL,
    alertsPerMinute: '1000',
    recordedEventsBus: 'default',
    announceBackfill: 'false',
    ...AT_ONCE,
  },
  webhooks: { webhooks: webhookSettings(), ...AT_ONCE },
  /** As in docs/recipes/webhook-receiver.md. */
  webhookRecipe: { webhooks: RECIPE_WEBHOOKS, ...AT_ONCE },
  /** A bucket that somebody else makes, with its own notifications. */
  attached: VARIANTS['existing bucket with notifications'],
  console: { emailSender: 'ledger@example.com', digests: JSON.stringify([inTheMorning]) },
  alertsAlone: { emailSender: EMAIL.emailSender, alerts: EMAIL.alerts, alertsPerMinute: '1000' },
  alarms: { ...RUNBOOK, silenceHours: '6', deletesPerFiveMinutes: '3', ...AT_ONCE },
  emailAlarms: { ...RUNBOOK, ...EMAIL, ...AT_ONCE },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type ContextName = keyof typeof CONTEXTS;
