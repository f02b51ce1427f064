import { PutObjectCommand } from '@aws-sdk/client-s3';
import { figureIn } from '../../../src/cli/demo/sent-emails.ts';
import { METRIC_NAMESPACE } from '../../../src/contract/metrics.ts';
import type { ReceivedEmail } from '../../../src/local/servers/mail-server.ts';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../../src/local/stack.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

export const DIGEST_TO = 'team@example.com';
export const ALERT_TO = 'on-call@example.com';
/** Beginning of the keys that the alert is about, as the settings of the stack say. */
export const ALERT_PREFIX = 'urgent/';

/** The local stack of a template with email. */
export async function startEmailStack(options: Partial<LocalStackOptions> = {}): Promise<LocalStack> {
  return startLocalStack({ ...options, assemblyDirectory: options.assemblyDirectory ?? assemblyDirectory('email') });
}

/** What was uploaded, as S3 took it. */
export interface Burst {
  readonly uploads: number;
  readonly bytes: number;
  /** Of those that the alert is about. */
  readonly urgent: { readonly uploads: number; readonly bytes: number };
}

const UPLOADS_AT_ONCE = 16;

/** Uploads so many files of different sizes, so many of them urgent, spread among the others. */
export async function burst(stack: LocalStack, uploads: number, urgent: number, seed = 1): Promise<Burst> {
  const random = seededRandom(seed);
  const every = Math.floor(uploads / urgent);
  const files = Array.from({ length: uploads }, (_, at) => {
    const isUrgent = at % every === 0 && at / every < urgent;
    return {
      key: `${isUrgent ? ALERT_PREFIX : 'usual/'}${seed}-${at}.txt`,
      size: Math.floor(random() * 900),
      isUrgent,
    };
  });
  const rest = files.values();
  const work = async () => {
    for (const { key, size } of rest) {
      await stack.clients.s3.send(
        new PutObjectCommand({ Bucket: stack.bucketName, Key: key, Body: Buffer.alloc(size, 'x') }),
      );
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  const sum = (some: typeof files) => some.reduce((bytes, { size }) => bytes + size, 0);
  const urgentFiles = files.filter(({ isUrgent }) => isUrgent);
  return { uploads, bytes: sum(files), urgent: { uploads: urgentFiles.length, bytes: sum(urgentFiles) } };
}

/** What a digest or an alert says of its uploads, read from the email's text. */
export function totalsOf(email: ReceivedEmail) {
  return { uploads: figureIn(email, 'Uploads') ?? 0, bytes: figureIn(email, 'Size') ?? 0 };
}

/** The emails to one address, oldest first. */
export async function emailsTo(stack: LocalStack, address: string): Promise<ReceivedEmail[]> {
  return (await stack.servers.mail.emails()).filter(({ destination }) => destination.to.includes(address));
}

/** The sum over all time of a metric that has no dimension but the service; 0 when it was never emitted. */
export function metricSum({ metrics }: LocalStack, name: string): number {
  const dimensions = { service: 'UploadLedger/Uploads' };
  return metrics.total({ namespace: METRIC_NAMESPACE, name, dimensions, statistic: 'Sum' }) ?? 0;
}
