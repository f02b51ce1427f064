import type { Alert } from '../../../src/digest/alerts/alert-rules.ts';
import type { Digest } from '../../../src/digest/email/digest-email.ts';

/** An email that SES has accepted. All times are epoch milliseconds. */
export interface SentDigest {
  readonly at: number;
  readonly digest: Digest;
}

export interface SentAlert {
  readonly at: number;
  readonly alert: Alert;
}

/** A tick as Scheduler sent it. */
export interface SentTick {
  /** When the digest was due. */
  readonly due: number;
  readonly sentAt: number;
  readonly minimumUploads: number;
}

/** What one invocation, which lived to answer, made of the uploads that match alert rules. */
export interface AlertRound {
  readonly at: number;
  /** Matching uploads by the names of the rules that matched. */
  readonly wanted: ReadonlyMap<string, number>;
  /** The same of what was sent. */
  readonly sent: readonly SentAlert[];
  /** Emails that the metrics count as failed, and as held back. */
  readonly failed: number;
  readonly heldBack: number;
  /** Whether a fault struck meanwhile or shortly before, here or elsewhere. */
  readonly wasDisturbed: boolean;
}

/** What the product let the world see of itself: its emails, its metrics and its answers. */
export class Observations {
  readonly digests: SentDigest[] = [];
  readonly alerts: SentAlert[] = [];
  readonly ticks: SentTick[] = [];
  readonly alertRounds: AlertRound[] = [];
  /** What the log names as held back. */
  readonly heldBack: { readonly at: number; readonly rule: string; readonly uploads: number }[] = [];
  /** Alerts of which a try failed, by their id: whether they were given up at last. */
  readonly failedAlerts = new Map<string, boolean>();
  /** Alerts that SES, the queue and the table have all refused. */
  lostAlerts = 0;
  /** Batches of which the function reported that uploads are stored. */
  readonly stored: { readonly at: number; readonly uploads: number }[] = [];
  /** Uploads in the summaries that an older version has left behind. */
  olderUploads = 0;
  /** Records that the function reported as stored, repeats included. */
  storedRecords = 0;
  /** Sums of the metrics. */
  uploadsRecorded = 0;
  uploadBytes = 0;
  /** What the function threw by itself. */
  readonly crashes: string[] = [];
  /** Ids that the events of alerts must have, and when their batches were reported as recorded. */
  readonly alertEvents: { readonly id: string; readonly at: number }[] = [];

  addCrash(error: unknown): void {
    this.crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  get storedUploads(): number {
    return this.stored.reduce((sum, { uploads }) => sum + uploads, 0);
  }
}
