import { z } from 'zod';

/** An event pattern: the structure of an event, with lists of what each value may be. Read it with {@link EVENT_PATTERN}. */
export type EventPattern = Readonly<Record<string, unknown>>;

/**
 * A pattern of a rule, or of a filter of an event source mapping. An operator that is not known is an error: silently the
 * rule would match other events than on AWS.
 */
export const EVENT_PATTERN = z.record(z.string(), z.unknown()).superRefine((pattern, context) => {
  const error = patternError(pattern);
  if (error !== undefined) context.addIssue({ code: 'custom', message: error });
});

type Test = (value: unknown) => boolean;

const isText = (argument: unknown): argument is string => typeof argument === 'string';
const isScalar = (argument: unknown) => argument === null || ['string', 'number', 'boolean'].includes(typeof argument);
const onText = (test: (text: string) => boolean) => (value: unknown) => isText(value) && test(value);
const lower = (text: string) => text.toLowerCase();

/**
 * The operators of one value: each makes a test of its argument; of an argument that it does not take, nothing.
 *
 * Source: EventBridge User Guide, "Comparison operators for use in event patterns".
 */
const OPERATORS: Readonly<Record<string, (argument: unknown) => Test | undefined>> = {
  prefix: (argument) => partTest(argument, (text, part) => text.startsWith(part)),
  suffix: (argument) => partTest(argument, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (argument) =>
    isText(argument) ? onText((text) => lower(text) === lower(argument)) : undefined,
  wildcard: (argument) => {
    const expression = isText(argument) ? wildcardExpression(argument) : undefined;
    return expression && onText((text) => expression.test(text));
  },
  numeric: numericTest,
  'anything-but': anythingButTest,
  exists: (argument) => (typeof argument === 'boolean' ? (value) => (value !== undefined) === argument : undefined),
};

/** A part of a text, as it is or without regard to case. */
function partTest(argument: unknown, compare: (text: string, part: string) => boolean): Test | undefined {
  if (isText(argument)) return onText((text) => compare(text, argument));
  const part = operatorOf(argument);
  if (part?.name !== 'equals-ignore-case' || !isText(part.argument)) return undefined;
  const wanted = lower(part.argument);
  return onText((text) => compare(lower(text), wanted));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
  '>=': (value, bound) => value >= bound,
  '>': (value, bound) => value > bound,
};

/** One comparison or two: `[">", 0, "<=", 5]`. */
function numericTest(argument: unknown): Test | undefined {
  if (!Array.isArray(argument) || ![2, 4].includes(argument.length)) return undefined;
  const tests: Test[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const compare = COMPARISONS[String(argument[at])];
    const bound: unknown = argument[at + 1];
    if (compare === undefined || typeof bound !== 'number') return undefined;
    tests.push((value) => typeof value === 'number' && compare(value, bound));
  }
  return (value) => tests.every((test) => test(value));
}

/** Everything but values, or but what one operator matches with one argument or with any of several. */
function anythingButTest(argument: unknown): Test | undefined {
  const operator = operatorOf(argument);
  const excluded = (operator === undefined ? [argument] : [operator.argument]).flat();
  const tests = excluded.map((one) => valueTest(operator === undefined ? one : { [operator.name]: one }));
  if (tests.some((test) => test === undefined) || excluded.length === 0) return undefined;
  return (value) => value !== undefined && !tests.some((test) => test?.(value));
}

/** The test of a value or an operator; nothing of what is neither. */
function valueTest(wanted: unknown): Test | undefined {
  if (isScalar(wanted)) return (value) => value === wanted;
  const operator = operatorOf(wanted);
  return operator && OPERATORS[operator.name]?.(operator.argument);
}

/** The only field of an object. */
function operatorOf(wanted: unknown): { readonly name: string; readonly argument: unknown } | undefined {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return undefined;
  const [entry, another] = Object.entries(wanted);
  return entry === undefined || another !== undefined ? undefined : { name: entry[0], argument: entry[1] };
}

/** What is wrong with a pattern; `undefined`: nothing. */
function patternError(pattern: unknown, path = ''): string | undefined {
  if (!isPattern(pattern)) return `expected lists of values${path && ` at ${path}`}`;
  for (const [field, wanted] of Object.entries(pattern)) {
    const at = `${path}${path && '.'}${field}`;
    const error = Array.isArray(wanted) ? listError(wanted, field, at) : patternError(wanted, at);
    if (error !== undefined) return error;
  }
  return undefined;
}

function listError(wanted: readonly unknown[], field: string, at: string): string | undefined {
  if (field === '$or') return wanted.map((one) => patternError(one, at)).find((error) => error !== undefined);
  const unknown = wanted.find((one) => valueTest(one) === undefined);
  return unknown === undefined ? undefined : `does not know ${JSON.stringify(unknown)} at ${at}`;
}

function isPattern(value: unknown): value is EventPattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether an event has what a pattern names. Of a list in the event, one element must match.
 *
 * Source: EventBridge User Guide, "Amazon EventBridge event patterns".
 */
export function matchesEventPattern(pattern: EventPattern, event: unknown): boolean {
  if (Array.isArray(event)) return event.some((element) => matchesEventPattern(pattern, element));
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted)) return wanted.some((one) => matchesEventPattern(one, event));
    const value: unknown = isPattern(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    if (!Array.isArray(wanted)) return matchesEventPattern(isPattern(wanted) ? wanted : {}, value);
    const values: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
    return wanted.some((one) => values.some((each) => valueTest(one)?.(each)));
  });
}

/** An asterisk is any number of characters; after a backslash it, and a backslash, is itself. */
function wildcardExpression(wildcard: string): RegExp {
  const parts = wildcard.match(/\\[\\*]|\*|[^\\*]+|\\/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '.*' : RegExp.escape(part.replace(/^\\(?=[\\*])/, ''))));
  return new RegExp(`^${source.join('')}$`, 's');
}
