import { ALERT_MESSAGE } from '../../../../src/contract/alert-message.ts';
import { QUARANTINE_ATTRIBUTES } from '../../../../src/contract/quarantine.ts';
import { MINUTE_MS } from '../../../../src/shared/time.ts';
import type { World } from '../world.ts';
import { type SentPoison, timeOf } from './model.ts';
import { MAX_VIOLATIONS, type Violation } from './violation.ts';

/** How long poison may wait for its first receive and its quarantine, when nothing is wrong: a full window, and slow calls. */
const MAX_QUARANTINE_MS = 2 * MINUTE_MS;

/** The dead-letter queue holds poison, all of it, with its reason; and nothing waits in the uploads queue any more. */
export function checkMessages(world: World): Violation[] {
  const { model, uploads, consumer, seen } = world;
  const violations: Violation[] = seen.crashes.map((what) => ({ promise: 'the function never throws', what }));
  if (!world.isDrained) {
    const unpublished = world.publishing?.mapping.waiting ?? 0;
    const what = `${uploads.size} messages wait, ${consumer.running} batches run, ${unpublished} events are not published`;
    violations.push({ promise: 'backlogs drain', what });
  }
  const told = new Set<string>();
  for (const { body, attributes, movedFrom, sentAt } of world.deadLetters.all()) {
    const poison = model.poison.get(body);
    if (isOfRemovedRule(body, attributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue, world)) continue;
    if (poison === undefined) {
      const what = `a message that could be recorded is dead: ${body.slice(0, 300)}`;
      violations.push({
        promise: 'only poison is dead',
        what,
        ...(movedFrom !== undefined && { because: 'retries-used-up' }),
      });
    } else if (movedFrom === undefined && attributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue === undefined) {
      violations.push({ promise: 'poison is told with its reason', what: `no reason: ${body.slice(0, 300)}` });
    } else if (isPrompt(poison, world) && sentAt > poison.sentAt + MAX_QUARANTINE_MS) {
      const what = `poison of ${timeOf(poison.sentAt)} was quarantined at ${timeOf(sentAt)} only`;
      violations.push({ promise: 'poison is told with its reason', what });
    }
    told.add(body);
  }
  for (const body of model.poison.keys()) {
    if (told.has(body)) continue;
    violations.push({ promise: 'poison is told with its reason', what: `poison is nowhere: ${body.slice(0, 300)}` });
  }
  return violations.slice(0, MAX_VIOLATIONS);
}

/** Whether it is an alert that waited while its rule was taken out of the settings: docs/email.md says that it is moved. */
function isOfRemovedRule(body: string, reason: string | undefined, { removedRules }: World): boolean {
  if (reason !== 'email-not-configured') return false;
  const { uploadLedger, rule } = JSON.parse(body);
  return uploadLedger === ALERT_MESSAGE && removedRules.has(rule);
}

/**
 * Whether poison has to be quarantined on its first receive: nothing keeps the function from it. A message with an event that can be
 * recorded comes back as a whole when that record, or the summary of the batch, is not stored.
 */
function isPrompt({ hasRecord }: SentPoison, { options: { noise, outages = [] } }: World): boolean {
  const { refused, throttled, unprocessed, stalled, answerLost } = noise;
  const ofTable = hasRecord ? refused + throttled + unprocessed + stalled + answerLost : 0;
  return outages.length === 0 && noise.kills + noise.queueRefused + noise.duplicates + ofTable === 0;
}
