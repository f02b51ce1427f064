import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

export interface Placeholders {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

type Operand = (item: Item) => AttributeValue | undefined;
type Condition = (item: Item) => boolean;

/**
 * DynamoDB's condition, key and filter expressions, as far as the ledger uses them: comparisons, BETWEEN, AND, OR, NOT,
 * `attribute_exists`, `attribute_not_exists`, `begins_with` and `if_not_exists`. Anything else is an error.
 */
class Parser {
  readonly #tokens: readonly string[];
  readonly #placeholders: Placeholders;
  #at = 0;

  constructor(expression: string, placeholders: Placeholders) {
    this.#tokens = expression.match(/[#:]?\w+|<>|<=|>=|[=<>(),+-]/g) ?? [];
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

  name(): string {
    const token = this.#token();
    return token.startsWith('#') ? this.#given('ExpressionAttributeNames', token) : token;
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
      const value = this.#given('ExpressionAttributeValues', this.#token());
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
    return (item) => (text(item)?.S ?? '').startsWith(start(item)?.S ?? '\0');
  }

  #comparison(): Condition {
    const left = this.operand();
    if (this.takes('BETWEEN')) {
      const from = this.operand();
      this.expect('AND');
      const to = this.operand();
      return (item) => compare(left(item), from(item), (c) => c >= 0) && compare(left(item), to(item), (c) => c <= 0);
    }
    const operator = this.#token();
    const right = this.operand();
    const holds = COMPARISONS[operator];
    if (holds === undefined) throw new TypeError(`Expected a comparison; got ${operator}`);
    return (item) => compare(left(item), right(item), holds);
  }

  #token(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new TypeError('Expected more of an expression.');
    this.#at += 1;
    return token;
  }

  #given<K extends keyof Placeholders>(kind: K, token: string): NonNullable<Placeholders[K]>[string] {
    const value = this.#placeholders[kind]?.[token];
    if (value === undefined) throw new TypeError(`Expected ${kind} to hold ${token}.`);
    return value as NonNullable<Placeholders[K]>[string];
  }
}

const COMPARISONS: Readonly<Record<string, (comparison: number) => boolean>> = {
  '=': (c) => c === 0,
  '<>': (c) => c !== 0,
  '<': (c) => c < 0,
  '<=': (c) => c <= 0,
  '>': (c) => c > 0,
  '>=': (c) => c >= 0,
};

/** An absent attribute, or one of another type, meets no comparison. */
function compare(
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
  holds: (comparison: number) => boolean,
): boolean {
  if (a?.S !== undefined && b?.S !== undefined) return holds(a.S < b.S ? -1 : a.S > b.S ? 1 : 0);
  if (a?.N !== undefined && b?.N !== undefined) return holds(Number(a.N) - Number(b.N));
  return false;
}

/** @throws TypeError for what is none of the expressions that are known here. */
export function parseCondition(expression: string, placeholders: Placeholders): Condition {
  const parser = new Parser(expression, placeholders);
  const condition = parser.condition();
  if (!parser.isAtEnd) throw new TypeError(`Expected the end of ${JSON.stringify(expression)}.`);
  return condition;
}

/** The item after the update: `SET a = b, c = d REMOVE e ADD f :n`. */
export function updated(item: Item, expression: string, placeholders: Placeholders): Item {
  const parser = new Parser(expression, placeholders);
  const result = { ...item };
  while (!parser.isAtEnd) {
    if (parser.takes('SET')) each(parser, () => set(parser, item, result));
    else if (parser.takes('REMOVE')) each(parser, () => delete result[parser.name()]);
    else if (parser.takes('ADD')) each(parser, () => add(parser, item, result));
    else throw new TypeError(`Expected SET, REMOVE or ADD in ${JSON.stringify(expression)}.`);
  }
  return result;
}

function each(parser: Parser, action: () => void): void {
  do action();
  while (parser.takes(','));
}

function set(parser: Parser, item: Item, result: Item): void {
  const name = parser.name();
  parser.expect('=');
  const value = parser.operand()(item);
  if (value === undefined) throw new TypeError(`Expected a value for ${name}.`);
  result[name] = value;
}

function add(parser: Parser, item: Item, result: Item): void {
  const name = parser.name();
  const by = parser.operand()(item)?.N;
  result[name] = { N: String(Number(item[name]?.N ?? 0) + Number(by)) };
}
