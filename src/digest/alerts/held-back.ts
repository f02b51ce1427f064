import { type AttributeValue, ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AlertRule } from '../../contract/email-settings.ts';
import { alertsPartition, TABLE } from '../../contract/table.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import { type Alert, toAlert } from './alert-rules.ts';
import { addClaims, type ClaimAlertsOptions, type ClaimedAlerts, claimAlerts, expiryOfCount } from './claim-alerts.ts';
import { NoEmailLeftError } from './deliver-alerts.ts';

/** Milliseconds after its minute in which what was held back is still being counted, with room to spare. */
const SETTLING_MS = 10 * SECOND_MS;

/** In the item that counts a minute's emails: matches of a rule that were held back, and the first of them as JSON. */
const COUNT = 'held_back:';
const EXAMPLE = 'example:';
/** The same item's mark that the message is in the queue that lets people be told. */
const QUEUED = 'held_back_queued';

interface NoteHeldBackOptions extends ClaimAlertsOptions {
  /** Sends a delayed message to the uploads queue that names the minute. */
  readonly enqueue: (minute: string, delaySeconds: number) => Promise<void>;
}

/**
 * Sees to it that one email a rule tells what was held back in this minute, when the minute is over. For stacks without
 * digests, which would tell it.
 *
 * The rule's email of the next minute is claimed now: an email that competed then would starve behind a noisy rule.
 *
 * @throws whatever a call failed with. Until the message is sent, the next batch with an alert held back tries again.
 */
export async function noteHeldBack(heldBack: readonly Alert[], options: NoteHeldBackOptions): Promise<void> {
  const { clock, enqueue } = options;
  const now = clock.now();
  const minute = startOfMinute(now);
  const over = Date.parse(minute) + MINUTE_MS;
  const noted = await addHeldBack(heldBack, minute, options);
  const first = heldBack.filter(({ rule, count }) => Number(noted[COUNT + rule.name]?.N) === count);
  if (first.length > 0) await addClaims(first, options, over);
  if (noted[QUEUED] !== undefined) return;
  await enqueue(minute, Math.ceil((over + SETTLING_MS - now) / SECOND_MS));
  await update(minute, { UpdateExpression: 'SET #queued = :true' }, { '#queued': QUEUED }, options, {
    ':true': { BOOL: true },
  });
}

function startOfMinute(time: number): string {
  return new Date(Math.floor(time / MINUTE_MS) * MINUTE_MS).toISOString();
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** @returns all attributes of the minute. */
async function addHeldBack(heldBack: readonly Alert[], minute: string, options: ClaimAlertsOptions) {
  const names: Record<string, string> = { '#expiry': TABLE.timeToLive };
  const values: Record<string, AttributeValue> = { ':expiry': { N: expiryOfCount(options.clock.now()) } };
  for (const [at, { rule, count, mentions }] of heldBack.entries()) {
    names[`#count${at}`] = COUNT + rule.name;
    names[`#example${at}`] = EXAMPLE + rule.name;
    values[`:count${at}`] = { N: String(count) };
    values[`:example${at}`] = { S: JSON.stringify(mentions[0]) };
  }
  const additions = heldBack.map((_, at) => `#count${at} :count${at}`);
  const examples = heldBack.map((_, at) => `#example${at} = if_not_exists(#example${at}, :example${at})`);
  const UpdateExpression = `ADD ${additions.join(', ')} SET #expiry = :expiry, ${examples.join(', ')}`;
  return update(minute, { UpdateExpression, ReturnValues: 'ALL_NEW' }, names, options, values);
}

/** The emails about what one minute held back. */
export type FollowUps = Pick<ClaimedAlerts, 'alerts' | 'failed'>;

/**
 * Takes out of the table what was held back in the minute, so that a repeated message finds nothing: one alert a rule,
 * with its email claimed.
 *
 * @param minute From a message, which can choose nothing but the minute.
 * @throws whatever taking it out failed with.
 */
export async function takeHeldBack(minute: string, options: ClaimAlertsOptions): Promise<FollowUps> {
  const since = startOfMinute(Date.parse(minute));
  const taken = await removeHeldBack(since, options);
  const alerts = options.rules.flatMap((rule) => toFollowUp(rule, since, taken));
  const hasEmails = startOfMinute(options.clock.now() - MINUTE_MS) === since;
  if (alerts.length === 0 || hasEmails) return { alerts, failed: [] };
  const claimed = await claimAlerts(alerts, options);
  const refused = claimed.heldBack.map((alert) => ({ alert, error: new NoEmailLeftError() }));
  return { alerts: claimed.alerts, failed: [...claimed.failed, ...refused] };
}

async function removeHeldBack(minute: string, options: ClaimAlertsOptions): Promise<Attributes> {
  const attributes = options.rules.flatMap(({ name }) => [COUNT + name, EXAMPLE + name]);
  const names = Object.fromEntries([QUEUED, ...attributes].map((name, at) => [`#name${at}`, name]));
  const UpdateExpression = `REMOVE ${Object.keys(names).join(', ')}`;
  // Without it the call would make an item that never expires.
  const ConditionExpression = 'attribute_exists(#key)';
  const change = { UpdateExpression, ConditionExpression, ReturnValues: 'ALL_OLD' } as const;
  try {
    return await update(minute, change, { ...names, '#key': TABLE.partitionKey }, options);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return {};
    throw error;
  }
}

function toFollowUp(rule: AlertRule, since: string, taken: Attributes): readonly Alert[] {
  const count = Number(taken[COUNT + rule.name]?.N ?? 0);
  const example = taken[EXAMPLE + rule.name]?.S;
  if (count === 0 || example === undefined) return [];
  const mention = JSON.parse(example);
  const matches = { count, bytes: 0, buckets: [mention.bucket], mentions: [mention], since };
  return [toAlert(`${since}/${rule.name}`, rule, matches)];
}

async function update(
  minute: string,
  change: Pick<UpdateItemCommand['input'], 'UpdateExpression' | 'ConditionExpression' | 'ReturnValues'>,
  names: Readonly<Record<string, string>>,
  { client, tableName, clock, deadline }: ClaimAlertsOptions,
  values?: Record<string, AttributeValue>,
): Promise<Attributes> {
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: { [TABLE.partitionKey]: { S: alertsPartition(minute) }, [TABLE.sortKey]: { S: 'emails' } },
    ...change,
    ExpressionAttributeNames: names,
    ...(values && { ExpressionAttributeValues: values }),
  });
  const { Attributes = {} } = await client.send(command, { abortSignal: clock.timeout(deadline - clock.now()) });
  return Attributes;
}
