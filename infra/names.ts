import { Aws, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const STACK_GUID_CHARACTERS = 36;
const HASH_CHARACTERS = 8;

/**
 * A physical name that is known before the resource exists and that no two deployments share: the resource's path and the GUID
 * of the stack's id, such as `uploadledger-uploads-queue-0a1b2c3d-...`.
 *
 * For resources that point at each other. A queue's policy names the bucket that may send to it, the bucket names the queue that
 * it sends to; a queue names its dead-letter queue, which names the queue that may use it. Under names made by CloudFormation each
 * is a cycle that does not deploy; the usual way out is to admit every bucket or queue of the account. The name changes only
 * with the stack itself. AWS recommends GUIDs in the names of buckets as well: S3 User Guide, "General purpose bucket naming rules".
 *
 * @param most Characters that the service allows.
 * @param id Appended to the scope's path. Without one the name is the scope's own.
 */
export function physicalName(scope: Construct, most: number, id?: string): string {
  // arn:aws:cloudformation:<region>:<account>:stack/<name>/<guid>
  const guid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  const path = [...scope.node.path.split('/'), ...(id === undefined ? [] : [id])].join('-').toLowerCase();
  return `${fitted(path, scope.node.addr, most - STACK_GUID_CHARACTERS - 1)}-${guid}`;
}

/** Shortened, and cleared of what buckets' names cannot hold, when it has to be: then with a hash of the construct's whole path. */
function fitted(path: string, hash: string, most: number): string {
  if (path.length <= most && /^[a-z0-9-]+$/.test(path)) return path;
  const cleared = path.replaceAll(/[^a-z0-9-]/g, '-');
  return `${cleared.slice(0, most - HASH_CHARACTERS - 1)}-${hash.slice(-HASH_CHARACTERS)}`;
}

/** Of the path in the stack. CloudWatch takes more, but a dashboard's search, which holds the name, ends at 1,024 characters. */
const MOST_CHARACTERS = 60;
/** Source: CloudFormation API reference, `CreateStack`, `StackName`. */
const LONGEST_STACK_NAME = 128;
/** Characters of the longest name. */
export const LONGEST_SERVICE_NAME = LONGEST_STACK_NAME + 1 + MOST_CHARACTERS;

/**
 * What metrics and log lines call a ledger: its stack's name and its place in the stack, such as `UploadLedger/Uploads`. No other ledger of
 * the account and Region has the same, for no other stack has that name.
 *
 * Ids of constructs may hold what a search cannot quote: such a path is cleared, and told apart by a hash.
 */
export function serviceNameOf(ledger: Construct): string {
  const stack = Stack.of(ledger);
  const path = ledger.node.path.slice(stack.node.path.length).replace(/^\//, '');
  return `${stack.stackName}/${cleared(path, ledger.node.addr.slice(-HASH_CHARACTERS))}`;
}

function cleared(path: string, hash: string): string {
  if (path.length <= MOST_CHARACTERS && /^[\w./-]+$/.test(path)) return path;
  return `${path.replaceAll(/[^\w./-]/g, '-').slice(0, MOST_CHARACTERS - HASH_CHARACTERS - 1)}-${hash}`;
}
