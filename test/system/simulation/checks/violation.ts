/** What `docs/guarantees.md` promises, and what a user concludes from it, in the order in which a run is checked. */
export type PromiseName =
  | 'every event has its record'
  | 'an event is in the ledger once'
  | 'histories are in order'
  | 'the current state is right'
  | 'only poison is dead'
  | 'poison is told with its reason'
  | 'backlogs drain'
  | 'the function never throws'
  | 'digests tell everything'
  | 'digests tell nothing twice'
  | 'alerts reach people'
  | 'alerts keep their bound'
  | 'every record is announced'
  | 'only what happened is announced'
  | 'a record is announced once'
  | 'what is given up is named'
  | 'metrics count the uploads'
  | 'metadata tell who uploaded'
  | 'reconcile finds what is wrong and nothing else';

/** A circumstance that explains a violation: what tells one that is known from one that is new. */
export type Cause =
  /** An expiry or a restore carries the sequencer of the object's creation. */
  | 'shared-sequencer'
  /** A backfill or a repair wrote a record, and the notification came after all. */
  | 'found-before-notified'
  /** A version, or a delete marker, was deleted for good, and the object lives on in another version. */
  | 'version-deleted'
  /** SQS moved the message after its last receive, during an outage. */
  | 'retries-used-up'
  /** The digest waits for more uploads than there are. */
  | 'minimum-uploads'
  /** Other rules have used up the alert emails of the minute. */
  | 'bound-used-by-others'
  /** Deletes and restores are among the records that the metric counts. */
  | 'deletes-counted';

/** A promise that does not hold. */
export interface Violation {
  readonly promise: PromiseName;
  /** What was expected and what came. */
  readonly what: string;
  /** `<bucket>/<key>`, where it is about one object. */
  readonly object?: string;
  readonly because?: Cause;
}

/** Violations of one kind that a check reports at most: more of them say nothing new. */
export const MAX_VIOLATIONS = 20;
