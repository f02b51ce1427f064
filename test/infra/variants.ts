const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';

export const EMAIL = {
  emailSender: 'ledger@example.com',
  digests: '[{"name":"daily","schedule":"cron(0 8 * * ? *)","recipients":["team@example.com"]}]',
  alerts: '[{"name":"big","minimumBytes":1,"recipients":["team@example.com"]}]',
};

const WEBHOOKS = [
  { name: 'orders', url: 'https://app.example.com/hooks', secretName: 'ledger/orders', prefix: 'in/', suffix: '.pdf' },
  { name: 'chat', format: 'slack', channel: 'C0123456789', secretName: 'ledger/slack', category: 'video' },
  { name: 'desk', format: 'teams', url: 'https://flows.example.com/run?sv=1.0', secretName: 'ledger/teams' },
];

/** What the stack can be attached to, and with which options. */
export const VARIANTS = {
  'owned bucket': {},
  'owned bucket through EventBridge': { source: '{"delivery":"eventbridge"}' },
  'existing bucket': { source: '{"buckets":["invoices"]}', prefix: 'in/', suffix: '.pdf' },
  'two buckets': { source: '{"buckets":["invoices","receipts"]}' },
  'existing bucket with notifications': { source: '{"buckets":["invoices"],"delivery":"notification"}', prefix: 'in/' },
  'existing bucket under a key': { source: '{"buckets":["invoices"]}', customerKey: 'true' },
  'SNS topic': { source: `{"topic":"${TOPIC}"}` },
  'SNS topic with a filter': { source: `{"topic":"${TOPIC}"}`, prefix: 'in/', events: 'ObjectCreated:*' },
  'owned bucket with email': EMAIL,
  'owned bucket with metadata': { uploaderMetadata: 'true' },
  'owned bucket with events': { recordedEventsBus: 'default' },
  'owned bucket with events of email': { ...EMAIL, recordedEventsBus: 'default', announceBackfill: 'false' },
  'owned bucket with email and a topic of alerts': {
    ...EMAIL,
    alertTopic: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  },
  'owned bucket with webhooks': { webhooks: JSON.stringify(WEBHOOKS) },
  'owned bucket with webhooks under a key': { webhooks: JSON.stringify(WEBHOOKS), customerKey: 'true' },
  'all options': {
    ...EMAIL,
    source: '{"corsOrigins":["https://app.example.com"]}',
    prefix: 'in/',
    suffix: '.pdf',
    uploaderKeyTemplate: 'in/{uploader}/{*}',
    uploaderMetadata: 'true',
    retentionDays: '365',
    tracing: 'true',
    contributorInsights: 'true',
    customerKey: 'true',
    recordedEventsBus: 'default',
    alarmEmails: 'on-call@example.com',
    oldestMessageMinutes: '30',
    silenceHours: '6',
    deletesPerFiveMinutes: '100',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
