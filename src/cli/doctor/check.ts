import type { Deployment } from './deployment.ts';

/** `note`: right as it is, but worth knowing. `unknown`: it could not be checked. */
export type Outcome = 'ok' | 'note' | 'wrong' | 'unknown';

/** What one check found. Texts must be printable. */
export interface Diagnosis {
  readonly outcome: Outcome;
  /** How things are, in one line. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** One thing that must be as it should for uploads to be recorded, and for somebody to hear when they are not. */
export interface Check {
  /** For people, a few words. */
  readonly name: string;
  /** IAM actions that it asks with, told where one is denied. */
  readonly needs: readonly string[];
  /** @returns undefined where there is nothing to check, such as email that is not configured. @throws the SDK's errors. */
  readonly run: (deployment: Deployment) => Promise<Diagnosis | undefined>;
}

/** What to do about most that is not as it was deployed. */
export const DEPLOY_AGAIN = 'deploy the stack again ("npx cdk deploy")';

export function ok(says: string): Diagnosis {
  return { outcome: 'ok', says };
}

export function note(says: string, todo?: string): Diagnosis {
  return { outcome: 'note', says, ...(todo !== undefined && { todo }) };
}

export function wrong(says: string, todo: string): Diagnosis {
  return { outcome: 'wrong', says, todo };
}
