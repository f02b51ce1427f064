import { z } from 'zod';
import { EVENT_PATTERN, matchesEventPattern } from '../events/event-pattern.ts';
import { busNameOf, DEFAULT_BUS } from '../template/event-resources.ts';
import type { EventRuleResource } from '../template/resources.ts';

interface Answer {
  readonly status: number;
  readonly document: object;
}

/** EventBridge's answer to a call about rules. Undefined: it is another call. */
export function answerRuleCall(
  operation: string,
  body: string,
  rules: readonly EventRuleResource[],
): Answer | undefined {
  if (operation === 'DescribeRule') return describeRule(body, rules);
  if (operation === 'TestEventPattern') return testEventPattern(body);
  return undefined;
}

const DESCRIBE_RULE = z.object({ Name: z.string(), EventBusName: z.string().default(DEFAULT_BUS) });

function describeRule(body: string, rules: readonly EventRuleResource[]): Answer {
  const request = DESCRIBE_RULE.safeParse(parseJson(body));
  if (!request.success) return refusal('ValidationException', 'Expected the Name of a rule.');
  const { Name, EventBusName } = request.data;
  const bus = busNameOf(EventBusName);
  const rule = rules.find((one) => one.bus === bus && one.arn.endsWith(`/${Name}`));
  if (rule === undefined) {
    return refusal('ResourceNotFoundException', `Rule ${Name} does not exist on EventBus ${bus}.`);
  }
  const { arn: Arn, enabled, pattern } = rule;
  const State = enabled ? 'ENABLED' : 'DISABLED';
  return { status: 200, document: { Name, Arn, EventBusName: bus, State, EventPattern: JSON.stringify(pattern) } };
}

/** Source: EventBridge API reference, `TestEventPattern`: fields that the event must have. */
const EVENT = z.looseObject({
  id: z.string(),
  account: z.string(),
  source: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.unknown()),
  'detail-type': z.string(),
});

const TEST_EVENT_PATTERN = z.object({ EventPattern: z.string(), Event: z.string() });

function testEventPattern(body: string): Answer {
  const request = TEST_EVENT_PATTERN.safeParse(parseJson(body));
  if (!request.success) return refusal('ValidationException', 'Expected EventPattern and Event.');
  const pattern = EVENT_PATTERN.safeParse(parseJson(request.data.EventPattern));
  if (!pattern.success) return refusal('InvalidEventPatternException', 'Event pattern is not valid.');
  const event = EVENT.safeParse(parseJson(request.data.Event));
  if (!event.success) return refusal('ValidationException', 'Parameter Event is not valid.');
  return { status: 200, document: { Result: matchesEventPattern(pattern.data, event.data) } };
}

function refusal(type: string, message: string): Answer {
  return { status: 400, document: { __type: type, message } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
