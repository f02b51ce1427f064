/**
 * `npm run lab -- email-burst [uploads]`: a burst, ten uploads of which an alert is about, through the local stack and its SES; prints what the
 * emails say beside what S3 took, and fails when they differ. Without duplicates: a notification that comes twice is told twice.
 */
import type { BatchReport } from '../../src/local/poller/invocation.ts';
import {
  ALERT_TO,
  burst,
  DIGEST_TO,
  emailsTo,
  metricSum,
  startEmailStack,
  totalsOf,
} from '../system/end-to-end/email-fixture.ts';
import { emailAssembly } from './email-assembly.ts';

const URGENT = 10;
const uploads = Number(process.argv[2] ?? 5_000);

const batches: BatchReport[] = [];
const stack = await startEmailStack({
  assemblyDirectory: await emailAssembly(),
  onBatch: (batch) => batches.push(batch),
});
try {
  const startedAt = performance.now();
  const done = await burst(stack, uploads, URGENT);
  await stack.drained();
  await stack.scheduler.tickNow();
  await stack.drained();
  const digests = (await emailsTo(stack, DIGEST_TO)).map((email) => ({
    subject: email.subject,
    ...totalsOf(email),
    batchesRead: Number(/made of ([\d,]+) batch/.exec(email.body.text ?? '')?.[1]?.replaceAll(',', '')),
  }));
  const alerts = (await emailsTo(stack, ALERT_TO)).map(totalsOf);
  const alerted = alerts.reduce((all, one) => ({ uploads: all.uploads + one.uploads, bytes: all.bytes + one.bytes }));
  const outcome = {
    uploaded: done,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    batches: batches.length,
    digests,
    alerts: { emails: alerts.length, ...alerted, heldBack: metricSum(stack, 'AlertsHeldBack') },
    messagesFailed: metricSum(stack, 'MessagesFailed'),
  };
  process.stdout.write(`${JSON.stringify(outcome, undefined, 2)}\n`);
  const [digest] = digests;
  const isExact = digests.length === 1 && digest?.uploads === done.uploads && digest.bytes === done.bytes;
  const isAlerted = alerted.uploads === done.urgent.uploads && alerted.bytes === done.urgent.bytes;
  if (!isExact || !isAlerted || alerts.length > URGENT) process.exitCode = 1;
} finally {
  await stack.close();
}
