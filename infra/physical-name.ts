import { Aws, Fn } from 'aws-cdk-lib';
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
