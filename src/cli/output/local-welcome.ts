import { openLocalClients } from '../../local/clients.ts';
import { presignUpload } from '../../local/s3/presign.ts';
import type { LocalStack } from '../../local/stack.ts';
import { formatDuration } from '../../shared/format.ts';
import { DAY_SECONDS } from '../../shared/time.ts';
import { shownAddress } from './forwarding.ts';

interface Welcome {
  /** A secret: it gives access. */
  readonly consoleLink: string;
  readonly startMilliseconds: number;
  /** Whether commands find another stack when they are not told of this one. */
  readonly isFurther: boolean;
  /** Where every event is sent. Undefined: nowhere. */
  readonly forward: string | undefined;
}

/** What a user who has just started the stack needs to know. */
export async function localWelcome(stack: LocalStack, welcome: Welcome): Promise<string[]> {
  const { consoleLink, startMilliseconds, isFurther, forward } = welcome;
  const { bucketName, resources, servers } = stack;
  const url = await presignedExample(stack);
  const { services, ses } = servers.endpoints;
  return [
    `The stack runs on this machine (ready after ${formatDuration(startMilliseconds)}).`,
    '',
    `  S3 endpoint   ${services}`,
    `  Bucket        ${bucketName}`,
    `  Region        ${resources.region}`,
    '  Credentials   any access key id (recorded as the uploader), with the secret: local',
    `  Inbox         ${ses}`,
    ...emailLines(stack),
    ...(forward === undefined
      ? []
      : [`  Events        to ${shownAddress(forward)}, with the header "Authorization: local"`]),
    '',
    'Watch uploads arrive in the console (anybody with this link can use it):',
    '',
    `  ${consoleLink}`,
    '',
    'Upload a file, with a presigned URL or with the AWS command line:',
    '',
    `  curl -X PUT -d hello '${url}'`,
    '',
    '  AWS_ACCESS_KEY_ID=alice AWS_SECRET_ACCESS_KEY=local \\',
    `    aws --region ${resources.region} --endpoint-url ${services} s3 cp README.md s3://${bucketName}/`,
    '',
    ...tickLines(stack, isFurther),
    ...(isFurther ? furtherLines(stack) : []),
    ...(forward === undefined ? FORWARD_HINT : []),
    `Uploads are shown as they are recorded, in batches of up to ${batchWindow(stack)} s. Ctrl-C stops the stack.`,
    '',
  ];
}

const FORWARD_HINT: readonly string[] = [
  'To send an event for every upload to your own server, start the stack with its address:',
  '',
  '  npm start -- --forward http://localhost:3000/hooks',
  '',
];

/** Which emails the stack sends, by its template. */
function emailLines({ resources, email }: LocalStack): string[] {
  const digests = resources.schedules.map(({ name, expression, timeZone }) => {
    const when =
      expression.kind === 'rate' ? `every ${formatDuration(expression.milliseconds)}` : `by cron, ${timeZone}`;
    return `${name} (${when})`;
  });
  const rules = email?.alerts ?? [];
  return [
    ...(digests.length > 0 ? [`  Digests       ${digests.join(', ')}`] : []),
    ...(rules.length > 0 ? [`  Alerts        ${rules.map(({ name }) => name).join(', ')}`] : []),
  ];
}

function tickLines(stack: LocalStack, isFurther: boolean): string[] {
  if (stack.resources.schedules.length === 0) return [];
  return [
    'Digests and alerts are in the inbox. For the digest of all uploads until now, in another terminal:',
    '',
    `  npm run upload-ledger -- digest tick${isFurther ? ` ${nameOf(stack)}` : ''}`,
    '',
  ];
}

function furtherLines(stack: LocalStack): string[] {
  return [
    'Another stack of this checkout was started before: commands find that one. For this one:',
    '',
    `  npm run upload-ledger -- list ${nameOf(stack)}`,
    '',
  ];
}

/** How commands are told of this stack. */
function nameOf({ servers }: LocalStack): string {
  return `--local-port ${servers.services.port}`;
}

/** Signed as `you`, so that the record names its uploader. */
async function presignedExample({ bucketName, resources, servers }: LocalStack): Promise<string> {
  const signer = openLocalClients(servers.endpoints, resources.region, 'you');
  try {
    return await presignUpload(signer.s3, { bucket: bucketName, key: 'hello.txt', expiresIn: DAY_SECONDS });
  } finally {
    signer.destroy();
  }
}

function batchWindow({ resources }: LocalStack): number {
  return Math.max(0, ...resources.eventSourceMappings.map(({ batchWindowSeconds }) => batchWindowSeconds));
}
