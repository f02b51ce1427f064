import type { RecordKey } from '../../ledger/record-key.ts';
import { DEAD_LETTER_REASONS } from '../../queue/dead-letter.ts';
import { redrive } from '../../queue/dead-letters-redrive.ts';
import type { RedriveReport } from '../../queue/dead-letters-redrive-report.ts';
import type { QueueRef } from '../../queue/queue-ref.ts';
import type { RedriveProgressView, RedriveRequest } from '../api-types.ts';
import { BadRequestError } from '../server/exchange.ts';
import type { FailedOptions } from './failed.ts';

export interface RedriveWorld extends FailedOptions {
  /** Where the messages go. */
  readonly uploads: QueueRef;
  /** Which of the records with these keys are in the ledger. */
  readonly stored: (keys: readonly RecordKey[]) => Promise<readonly RecordKey[]>;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Milliseconds that the first ten messages get to prove themselves: a batching window, a cold start, and room. */
const CANARY = 30_000;

/** Milliseconds between two lines of progress. */
const BETWEEN_LINES = 200;

/** @throws BadRequestError when the body is no {@link RedriveRequest}. */
export function parseRedriveRequest({ reason, dryRun }: Readonly<Record<string, unknown>>): RedriveRequest {
  const known = DEAD_LETTER_REASONS.find((one) => one === reason);
  if (reason !== undefined && known === undefined)
    throw new BadRequestError('Expected "reason" to be one of the reasons.');
  if (typeof dryRun !== 'boolean') throw new BadRequestError('Expected "dryRun" to be true or false.');
  return { dryRun, ...(known !== undefined && { reason: known }) };
}

/**
 * Redrives, and says how far it has come a few times a second; the last value has an `end`. When whoever asked goes away, it stops after
 * the messages that are under way: none is lost.
 *
 * @throws what `redrive` throws.
 */
export async function* redriveWithProgress(
  world: RedriveWorld,
  { reason, dryRun }: RedriveRequest,
  signal: AbortSignal,
): AsyncGenerator<RedriveProgressView> {
  let report: Readonly<RedriveReport> | undefined;
  const work = redrive({
    ...world,
    dryRun,
    all: false,
    canaryMilliseconds: CANARY,
    signal,
    onProgress: (latest) => {
      report = latest;
    },
    ...(reason !== undefined && { reason }),
  });
  // Its error is thrown by the last line; until then it must not count as unhandled.
  work.catch(() => undefined);
  const isOver = () => Promise.race([work.then(() => true), world.wait(BETWEEN_LINES).then(() => false)]);
  while (!(await isOver())) if (report !== undefined) yield toView(report);
  const last = await work;
  yield { ...toView(last), end: last.end };
}

function toView({ looked, chosen, moved, cameBack }: Readonly<RedriveReport>): RedriveProgressView {
  return { looked, chosen, moved, staying: looked - chosen - cameBack, cameBack };
}
