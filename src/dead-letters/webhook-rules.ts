import type { Clock } from '../shared/clock.ts';
import { createRateLimiter } from '../shared/concurrency.ts';
import type { DeliveredEvent } from './deliveries.ts';

/** A rule of EventBridge, as it is now. */
interface WebhookRule {
  readonly arn: string;
  readonly isEnabled: boolean;
  /** JSON text. Absent: the rule takes no events. */
  readonly pattern?: string;
}

/** What EventBridge says of its rules. */
export interface RuleCalls {
  /** Undefined: there is no rule of that name. */
  readonly describeRule: (name: string) => Promise<WebhookRule | undefined>;
  /** Whether a pattern matches an event, both as JSON text. */
  readonly testPattern: (pattern: string, event: string) => Promise<boolean>;
}

/** Why a rule would not take an event. */
export type RuleRefusal = 'no-rule' | 'rule-disabled' | 'not-matched';

/**
 * All calls of an account but PutEvents share 50 a second. Half is left to others.
 *
 * Source: CloudWatch Events User Guide, "Limits". EventBridge's own quotas do not name these calls.
 */
const TESTS_PER_SECOND = 25;

/** What is kept of them: an answer is asked for again when there are more. */
const MAX_ANSWERS = 1000;

/**
 * The rules of webhooks, and which events they take: the event of a rule that does not take it would be gone. Each rule is
 * described once. EventBridge matches the events itself, those that are equal in what the pattern names once.
 */
export class WebhookRules {
  readonly #calls: RuleCalls;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limitRate: ReturnType<typeof createRateLimiter>;
  readonly #rules = new Map<string, WebhookRule | undefined>();
  readonly #answers = new Map<string, boolean>();

  constructor(
    calls: RuleCalls,
    { clock, signal }: { clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>; signal?: AbortSignal | undefined },
  ) {
    this.#calls = calls;
    this.#clock = clock;
    this.#limitRate = createRateLimiter({ perSecond: TESTS_PER_SECOND, clock, signal });
  }

  /** @returns Undefined: the rule takes the event. */
  async refusalOf(name: string, event: DeliveredEvent): Promise<RuleRefusal | undefined> {
    if (!this.#rules.has(name)) this.#rules.set(name, await this.#calls.describeRule(name));
    const rule = this.#rules.get(name);
    if (rule === undefined) return 'no-rule';
    if (!rule.isEnabled) return 'rule-disabled';
    const { arn, pattern } = rule;
    return pattern !== undefined && (await this.#matches(pattern, this.#asPut(event, arn))) ? undefined : 'not-matched';
  }

  async #matches(pattern: string, event: Fields): Promise<boolean> {
    const question = JSON.stringify([pattern, namedValues(JSON.parse(pattern), event)]);
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    await this.#limitRate(1);
    const answer = await this.#calls.testPattern(pattern, JSON.stringify(event));
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(question, answer);
    return answer;
  }

  /** The event as the bus would have it now. EventBridge tests no event without one of these fields. */
  #asPut({ id, source, type, resources, detail }: DeliveredEvent, ruleArn: string): Fields {
    const [, , , region, account] = ruleArn.split(':');
    const time = new Date(this.#clock.now()).toISOString();
    return { version: '0', id, 'detail-type': type, source, account, time, region, resources, detail };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The values of an event that a pattern names. No others decide whether it matches. */
function namedValues(pattern: unknown, value: unknown): unknown {
  if (!isFields(pattern) || !isFields(value)) return value;
  return Object.entries(pattern).map(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted)) return wanted.map((one) => namedValues(one, value));
    return Object.hasOwn(value, field) ? [namedValues(wanted, value[field])] : [];
  });
}
