import { Aws, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const STACK_GUID_CHARACTERS = 36;
const HASH_CHARACTERS = 8;

/**
 * Of the ledger's path in its stack. CloudWatch allows more, but a dashboard's search, which holds the name, ends at
 * 1,024 characters.
 */
const SERVICE_PATH_CHARACTERS = 60;
/** Source: CloudFormation API reference, `CreateStack`, `StackName`. */
const STACK_NAME_CHARACTERS = 128;
export const LONGEST_SERVICE_NAME = STACK_NAME_CHARACTERS + 1 + SERVICE_PATH_CHARACTERS;

/**
 * A physical name that is known before the resource exists, and that no two deployments share: the resource's path and
 * the GUID of the stack's id, such as `uploadledger-uploads-queue-0a1b2c3d-...`.
 *
 * For resources that refer to each other. A queue's policy names the bucket that may send to it, the bucket names the
 * queue that it sends to; a queue names its dead-letter queue, which names the queue that may use it. With names that
 * CloudFormation makes, each is a cycle that does not deploy; the usual way out is to admit every bucket or queue of
 * the account. The name changes only with the stack itself. AWS recommends GUIDs in the names of buckets as well: S3
 * User Guide, "General purpose bucket naming rules".
 *
 * @param max Characters that the service allows.
 * @param id Appended to the scope's path. Without one the name is the scope's own.
 */
export function physicalName(scope: Construct, max: number, id?: string): string {
  // arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>
  const guid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  const path = [...scope.node.path.split('/'), ...(id === undefined ? [] : [id])].join('-').toLowerCase();
  return `${fitted(path, scope, max - STACK_GUID_CHARACTERS - 1, 'a-z0-9-')}-${guid}`;
}

/**
 * The name of a ledger in metrics and log lines: its stack's name and its place in the stack, such as
 * `UploadLedger/Uploads`. No other ledger of the account and Region has the same, because no other stack has that name.
 *
 * A search cannot quote every character of a construct's id.
 */
export function serviceNameOf(ledger: Construct): string {
  const stack = Stack.of(ledger);
  const path = ledger.node.path.slice(stack.node.path.length).replace(/^\//, '');
  return `${stack.stackName}/${fitted(path, ledger, SERVICE_PATH_CHARACTERS, '\\w./-')}`;
}

/** The path; if it is too long or has other characters, shortened, cleared and with the construct's hash. */
function fitted(path: string, { node }: Construct, max: number, allowed: string): string {
  if (path.length <= max && new RegExp(`^[${allowed}]+$`).test(path)) return path;
  const cleared = path.replaceAll(new RegExp(`[^${allowed}]`, 'g'), '-');
  return `${cleared.slice(0, max - HASH_CHARACTERS - 1)}-${node.addr.slice(-HASH_CHARACTERS)}`;
}
