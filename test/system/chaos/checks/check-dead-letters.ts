import { QUARANTINE_ATTRIBUTES } from '../../../../src/contract/quarantine.ts';
import type { StandingMessage } from '../../../../src/local/servers/queue-access.ts';
import type { DeliveryCounts } from '../deliveries.ts';
import type { Poison } from '../poison.ts';
import type { Violation } from '../violation.ts';

/** Attempts that the SDK's standard retries make. */
const ATTEMPTS = 3;

/**
 * Holds the dead-letter queue against the model, after everything curable was redriven: every poison message stands there with its
 * reason, or without one when its receives were used up before it could be quarantined; and nothing else does.
 *
 * A copy may stand there more than once: a send whose answer was lost is repeated by the SDK, and a function that dies between the
 * quarantine and its answer quarantines again. Never more often than the message was delivered, times the SDK's attempts.
 */
export function checkDeadLetters(
  poison: readonly Poison[],
  letters: readonly StandingMessage[],
  { byBody }: Pick<DeliveryCounts, 'byBody'>,
): readonly Violation[] {
  const violations: Violation[] = [];
  const standing = Map.groupBy(letters, ({ body }) => body);
  for (const { body, reason } of poison) {
    const copies = standing.get(body) ?? [];
    standing.delete(body);
    const short = JSON.stringify(body.slice(0, 80));
    if (copies.length === 0) violations.push({ what: `the message ${short} is neither dead nor alive` });
    const most = (byBody.get(body) ?? 0) * ATTEMPTS + 1;
    if (copies.length > most) violations.push({ what: `the message ${short} is dead ${copies.length} times` });
    for (const given of copies.map(reasonOf)) {
      if (given === undefined || given === reason) continue;
      violations.push({ what: `the message ${short} is dead because of ${given}, must be ${reason}` });
    }
  }
  for (const body of standing.keys()) {
    violations.push({ what: `the message ${body.slice(0, 500)} is dead, and could be recorded` });
  }
  return violations;
}

export function reasonOf({ messageAttributes }: StandingMessage): string | undefined {
  return messageAttributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue;
}
