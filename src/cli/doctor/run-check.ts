import { visibleText } from '../../shared/text.ts';
import { explainError } from '../explain-error.ts';
import { type Check, DEPLOY_AGAIN, type Diagnosis, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

/** Errors by which the services say that something is not there. */
const NOT_THERE = new Set([
  'ResourceNotFoundException',
  'ResourceNotFound',
  'NoSuchBucket',
  'QueueDoesNotExist',
  'TableNotFoundException',
]);

const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError/;

/**
 * Runs one check. Whatever keeps it from an answer is an answer of its own, so that the others are not held up: what is asked for is gone,
 * or could not be asked for.
 */
export async function runCheck(check: Check, deployment: Deployment): Promise<Diagnosis | undefined> {
  try {
    return await check.run(deployment);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (NOT_THERE.has(error.name)) {
      const says = `what the stack made is not there (${firstLine(error)}): was it deleted by hand?`;
      return wrong(visibleText(says), DEPLOY_AGAIN);
    }
    return { outcome: 'unknown', says: `could not be checked: ${visibleText(reasonOf(error, check))}` };
  }
}

function reasonOf(error: Error, { needs }: Check): string {
  if (!DENIED.test(error.name)) return firstLine(new Error(explainError(error)));
  // "User: ... is not authorized to perform: sqs:GetQueueAttributes on resource: ..."; S3 says less.
  const [, action] = /not authorized to perform: ([\w-]+:\w+)/.exec(error.message) ?? [];
  return `needs ${action ?? needs.join(', ')}`;
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}
