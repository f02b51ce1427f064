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

const TRY_AGAIN = 'fix what it says, or wait, then run "doctor" again: nothing has been changed';

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
    const isDenied = DENIED.test(error.name);
    const reason = isDenied ? missingPermission(error, check) : firstLine(new Error(explainError(error)));
    const says = `could not be checked: ${visibleText(reason)}`;
    return { outcome: 'unknown', says, todo: isDenied ? ALLOW_IT : TRY_AGAIN };
  }
}

/**
 * The services do not agree on how they name the action: `not authorized to perform: lambda:GetFunction on ...`, SQS in
 * lower case, SES as `` perform `ses:GetSendQuota' ``, S3 and others sometimes not at all.
 */
function missingPermission({ message }: Error, { needs }: Check): string {
  const [, named] = /not authorized to perform:? [`']?([\w-]+:\w+)/i.exec(message) ?? [];
  if (named !== undefined) return `needs ${needs.find((one) => one.toLowerCase() === named.toLowerCase()) ?? named}`;
  return needs.length === 1 ? `needs ${needs.join()}` : `a permission is missing, one of ${needs.join(', ')}`;
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}
