import { visibleText } from '../../shared/text.ts';
import { explainError } from '../explain-error.ts';
import type { Deployment } from './deployment.ts';

/** `note`: as it should be, but worth knowing. `unknown`: it could not be checked. */
export type Outcome = 'ok' | 'note' | 'wrong' | 'unknown';

/** What one check found. Texts must be printable. */
export interface Diagnosis {
  readonly outcome: Outcome;
  /** How things are, in one line. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

/**
 * Checks one thing that uploads need in order to be recorded, or that people need in order to hear when they are not.
 */
export interface Check {
  readonly name: string;
  /** The IAM actions of its calls, to name them where one is denied. */
  readonly needs: readonly string[];
  /** @returns undefined where there is nothing to check: email, say, is not configured. @throws the SDK's errors. */
  readonly run: (deployment: Deployment) => Promise<Diagnosis | undefined>;
}

/**
 * What to do about a property that is not as it was deployed. A plain deploy compares templates, not resources, and
 * would find nothing to change.
 *
 * Source: CloudFormation user guide, "Using drift-aware change sets".
 */
export const REVERT_DRIFT =
  'set it back with "npx cdk deploy --revert-drift", which resets everything that was changed by hand in the stack: see "Changed by hand" in docs/deploying.md';

/** The same of a bucket's notifications, where it takes away what others need. */
export const REVERT_BUCKET =
  'set it back with "npx cdk deploy --revert-drift", which removes every notification that others have added to the bucket: see "Changed by hand" in docs/deploying.md';

/** What to do about a resource that is gone. */
export const MAKE_ANEW =
  'deploying the same template does not create it again: see "Deleted by hand" in docs/deploying.md';

export function ok(says: string): Diagnosis {
  return { outcome: 'ok', says };
}

export function note(says: string, todo?: string): Diagnosis {
  return { outcome: 'note', says, ...(todo !== undefined && { todo }) };
}

export function wrong(says: string, todo: string): Diagnosis {
  return { outcome: 'wrong', says, todo };
}

/** The names of the services' errors for what does not exist. */
const NOT_FOUND = new Set([
  'ResourceNotFoundException',
  'ResourceNotFound',
  'NoSuchBucket',
  'QueueDoesNotExist',
  'TableNotFoundException',
]);

const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError/;

const ALLOW_IT = 'allow it: docs/iam/doctor.json has all that this command needs';

/** Runs one check. An error becomes a diagnosis, so that the other checks still get their answers. */
export async function runCheck(check: Check, deployment: Deployment): Promise<Diagnosis | undefined> {
  try {
    return await check.run(deployment);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (NOT_FOUND.has(error.name)) {
      const says = `a resource of the stack does not exist (${firstLine(error)}): was it deleted by hand?`;
      return wrong(visibleText(says), MAKE_ANEW);
    }
    const says = `could not be checked: ${visibleText(reasonOf(error, check))}`;
    return { outcome: 'unknown', says, ...(DENIED.test(error.name) && { todo: ALLOW_IT }) };
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
