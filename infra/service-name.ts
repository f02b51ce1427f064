import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Of the path in the stack. CloudWatch takes more, but a dashboard's search, which holds the name, ends at 1,024 characters. */
const MOST_CHARACTERS = 60;
/** Source: CloudFormation API reference, `CreateStack`, `StackName`. */
const LONGEST_STACK_NAME = 128;
/** Characters of the longest name. */
export const LONGEST_SERVICE_NAME = LONGEST_STACK_NAME + 1 + MOST_CHARACTERS;
const HASH_CHARACTERS = 8;

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
