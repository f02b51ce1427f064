import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';

/** Which dead letters are wanted: those that meet every condition given. */
export interface DeadLetterFilters {
  readonly reason?: DeadLetterReason;
  /** What the body or the detail contains, upper and lower case as they are. */
  readonly contains?: string;
  /** When it was first sent, inclusive. A message without a time is in no range. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

export async function* matchingDeadLetters(
  deadLetters: AsyncIterable<DeadLetter>,
  filters: DeadLetterFilters,
): AsyncGenerator<DeadLetter> {
  for await (const deadLetter of deadLetters) if (matches(deadLetter, filters)) yield deadLetter;
}

function matches(deadLetter: DeadLetter, { reason, contains, since, until }: DeadLetterFilters): boolean {
  const { body, detail = '', sentAt = '' } = deadLetter;
  const time = Date.parse(sentAt);
  return (
    (reason === undefined || deadLetter.reason === reason) &&
    (contains === undefined || body.includes(contains) || detail.includes(contains)) &&
    (since === undefined || time >= since.getTime()) &&
    (until === undefined || time < until.getTime())
  );
}
