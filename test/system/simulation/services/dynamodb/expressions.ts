import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compareUtf8 } from '../sorted-list.ts';
import type { Item } from './stored-item.ts';
import { invalid } from './table-errors.ts';

export interface ExpressionInput {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

/** The placeholders of one call. DynamoDB refuses a call that defines one and uses it nowhere. */
export class Placeholders {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, AttributeValue>>;
  readonly #unused: Set<string>;

  constructor({ ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: ExpressionInput) {
    this.#names = ExpressionAttributeNames;
    this.#values = ExpressionAttributeValues;
    this.#unused = new Set([...Object.keys(ExpressionAttributeNames), ...Object.keys(ExpressionAttributeValues)]);
  }

  /** @throws DynamoDB's ValidationException when one is left that no expression has used. */
  checkUse(): void {
    if (this.#unused.size > 0) throw invalid(`unused in expressions: ${[...this.#unused].join(', ')}`);
  }

  name(token: string): string {
    return this.#find(this.#names, token);
  }

  value(token: string): AttributeValue {
    return this.#find(this.#values, token);
  }

  #find<T>(defined: Readonly<Record<string, T>>, token: string): T {
    const found = defined[token];
    if (found === undefined) throw new TypeError(`Expected a definition of ${token}.`);
    this.#unused.delete(token);
    return found;
  }
}

type Operand = (item: Item) => AttributeValue | undefined;
export type Condition = (item: Item) => boolean;

const TOKEN = /[#:]?\w+|<>|<=|>=|[=<>(),]/g;

/**
 * DynamoDB's condition, key and filter expressions, as far as the ledger uses them: comparisons, BETWEEN, AND, OR, NOT,
 * `attribute_exists`, `attribute_not_exists`, `begins_with` and `if_not_exists`. Anything else is an error.
 */
class Parser {
  readonly #tokens: readonly string[];
  readonly #placeholders: Placeholders;
  #at = 0;

  constructor(expression: string, placeholders: Placeholders) {
    this.#tokens = expression.match(TOKEN) ?? [];
    const unknown = expression.replace(TOKEN, '').trim();
    if (unknown !== '') throw new TypeError(`Expected no ${unknown} in ${JSON.stringify(expression)}.`);
    this.#placeholders = placeholders;
  }

  condition(): Condition {
    let left = this.#conjunction();
    while (this.takes('OR')) {
      const [a, b] = [left, this.#conjunction()];
      left = (item) => a(item) || b(item);
    }
    return left;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  takes(token: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.takes(token)) throw new TypeError(`Expected ${token}; got ${this.#tokens.slice(this.#at).join(' ')}`);
  }

  expectEnd(): void {
    if (!this.isAtEnd) throw new TypeError(`Expected the end; got ${this.#tokens.slice(this.#at).join(' ')}`);
  }

  name(): string {
    const token = this.#token();
    return token.startsWith('#') ? this.#placeholders.name(token) : token;
  }

  /** A value, an attribute, or `if_not_exists(attribute, value)`. */
  operand(): Operand {
    if (this.takes('IF_NOT_EXISTS')) {
      this.expect('(');
      const name = this.name();
      this.expect(',');
      const other = this.operand();
      this.expect(')');
      return (item) => item[name] ?? other(item);
    }
    if (this.#tokens[this.#at]?.startsWith(':')) {
      const value = this.#placeholders.value(this.#token());
      return () => value;
    }
    const name = this.name();
    return (item) => item[name];
  }

  #conjunction(): Condition {
    let left = this.#term();
    while (this.takes('AND')) {
      const [a, b] = [left, this.#term()];
      left = (item) => a(item) && b(item);
    }
    return left;
  }

  #term(): Condition {
    if (this.takes('NOT')) {
      const inner = this.#term();
      return (item) => !inner(item);
    }
    if (this.takes('(')) {
      const inner = this.condition();
      this.expect(')');
      return inner;
    }
    if (this.takes('ATTRIBUTE_EXISTS')) return this.#existence(true);
    if (this.takes('ATTRIBUTE_NOT_EXISTS')) return this.#existence(false);
    if (this.takes('BEGINS_WITH')) return this.#beginsWith();
    return this.#comparison();
  }

  #existence(wanted: boolean): Condition {
    this.expect('(');
    const name = this.name();
    this.expect(')');
    return (item) => (item[name] !== undefined) === wanted;
  }

  #beginsWith(): Condition {
    this.expect('(');
    const text = this.operand();
    this.expect(',');
    const start = this.operand();
    this.expect(')');
    return (item) => text(item)?.S?.startsWith(start(item)?.S ?? '') === true;
  }

  #comparison(): Condition {
    const left = this.operand();
    if (this.takes('BETWEEN')) {
      const from = this.operand();
      this.expect('AND');
      const to = this.operand();
      return (item) => compare(left(item), from(item)) >= 0 && compare(left(item), to(item)) <= 0;
    }
    const operator = this.#token();
    const right = this.operand();
    const holds = COMPARISONS[operator];
    if (holds === undefined) throw new TypeError(`Expected a comparison; got ${operator}`);
    return (item) => holds(compare(left(item), right(item)));
  }

  #token(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new TypeError('Expected more of an expression.');
    this.#at += 1;
    return token;
  }
}

const COMPARISONS: Readonly<Record<string, (comparison: number) => boolean>> = {
  '=': (c) => c === 0,
  // The only one that an absent attribute meets, and one of another type.
  '<>': (c) => c !== 0,
  '<': (c) => c < 0,
  '<=': (c) => c <= 0,
  '>': (c) => c > 0,
  '>=': (c) => c >= 0,
};

/** Not a number when an attribute is absent, or the two are of different types. */
function compare(a: AttributeValue | undefined, b: AttributeValue | undefined): number {
  if (a?.S !== undefined && b?.S !== undefined) return compareUtf8(a.S, b.S);
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  return Number.NaN;
}

/** @throws TypeError for what is none of the expressions that are known here. */
export function parseCondition(expression: string, placeholders: Placeholders): Condition {
  const parser = new Parser(expression, placeholders);
  const condition = parser.condition();
  parser.expectEnd();
  return condition;
}

/** Which partition a Query reads, and which of its items. */
export interface KeyCondition {
  readonly partition: string;
  readonly isWanted: Condition;
}

/** @throws TypeError unless it begins with the partition key's condition, such as `#partition = :partition`. */
export function parseKeyCondition(expression: string, placeholders: Placeholders, partitionKey: string): KeyCondition {
  const parser = new Parser(expression, placeholders);
  const name = parser.name();
  if (name !== partitionKey) throw new TypeError(`Expected a condition on ${partitionKey}; got one on ${name}.`);
  parser.expect('=');
  const partition = parser.operand()({})?.S ?? '';
  const isWanted = parser.takes('AND') ? parser.condition() : () => true;
  parser.expectEnd();
  return { partition, isWanted };
}

/** Gives an item with the attributes of the projection alone. */
export function parseProjection(expression: string, placeholders: Placeholders): (item: Item) => Item {
  const parser = new Parser(expression, placeholders);
  const names: string[] = [];
  each(parser, () => names.push(parser.name()));
  parser.expectEnd();
  return (item) => pick(item, names);
}

/** The attributes of these names that the item has. */
export function pick(item: Item, names: Iterable<string>): Item {
  const result: Item = {};
  for (const name of names) {
    const value = item[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** The item after an update, and the attributes that the update names. */
export interface UpdatedItem {
  readonly item: Item;
  readonly names: ReadonlySet<string>;
}

/** Applies `SET a = b, c = d REMOVE e ADD f :n`. */
export function updated(item: Item, expression: string, placeholders: Placeholders): UpdatedItem {
  const parser = new Parser(expression, placeholders);
  const result = { ...item };
  const names = new Set<string>();
  const change = (action: (name: string) => void) => {
    each(parser, () => {
      const name = parser.name();
      names.add(name);
      action(name);
    });
  };
  while (!parser.isAtEnd) {
    if (parser.takes('SET')) change((name) => set(parser, name, item, result));
    else if (parser.takes('REMOVE')) change((name) => delete result[name]);
    else if (parser.takes('ADD')) change((name) => add(parser, name, item, result));
    else throw new TypeError(`Expected SET, REMOVE or ADD in ${JSON.stringify(expression)}.`);
  }
  return { item: result, names };
}

function each(parser: Parser, action: () => void): void {
  do action();
  while (parser.takes(','));
}

function set(parser: Parser, name: string, item: Item, result: Item): void {
  parser.expect('=');
  const value = parser.operand()(item);
  if (value === undefined) throw new TypeError(`Expected a value for ${name}.`);
  result[name] = value;
}

function add(parser: Parser, name: string, item: Item, result: Item): void {
  const by = parser.operand()(item)?.N;
  result[name] = { N: String(Number(item[name]?.N ?? 0) + Number(by)) };
}
