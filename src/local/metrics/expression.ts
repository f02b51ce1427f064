import { UploadLedgerError } from '../../shared/errors.ts';

/** The functions of time series that are known here. */
const FUNCTIONS = ['AVG', 'FILL', 'IF', 'MAX', 'MIN', 'PERIOD', 'SUM'] as const;
type FunctionName = (typeof FUNCTIONS)[number];

export type Operator = '+' | '-' | '*' | '/' | '>' | '>=' | '<' | '<=' | '==' | '!=';

export const COMPARISONS: readonly Operator[] = ['>', '>=', '<', '<=', '==', '!='];

/** Weakest binding first. */
const PRECEDENCE: readonly (readonly Operator[])[] = [COMPARISONS, ['+', '-'], ['*', '/']];

/** Statistics as CloudWatch names them; `p99` and the like are percentiles. */
export type Statistic = 'Sum' | 'SampleCount' | 'Average' | 'Minimum' | 'Maximum' | `p${number}`;

/** All metrics with exactly these dimensions, of which some have a certain value. */
export interface Search {
  readonly kind: 'search';
  readonly namespace: string;
  readonly dimensionNames: readonly string[];
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
  readonly periodSeconds: number;
}

/** An expression of metric math, parsed. */
export type Expression =
  | Search
  | { readonly kind: 'number'; readonly value: number }
  /** A metric or another expression of the same widget or alarm. */
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly inputs: readonly Expression[] }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** @throws UploadLedgerError `unknown-statistic` */
export function parseStatistic(text: string): Statistic {
  if (/^(Sum|SampleCount|Average|Minimum|Maximum|p(100|\d{1,2}(\.\d{1,10})?))$/.test(text)) return text as Statistic;
  const known = 'Sum, SampleCount, Average, Minimum, Maximum or a percentile such as p99';
  throw new UploadLedgerError('unknown-statistic', `expected the statistic to be ${known}; got ${text}`);
}

/**
 * Parses the part of CloudWatch's metric math that the templates use.
 *
 * Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics" and "CloudWatch search expression
 * syntax".
 *
 * @throws UploadLedgerError `unknown-expression` for any other expression.
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).parse();
}

const TOKEN = /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|'(?<text>[^']*)'|(?<sign>[<>=!]=|[-+*/<>(),[\]]))/y;

type TokenKind = 'number' | 'name' | 'text' | 'sign';

interface Token {
  readonly kind: TokenKind;
  readonly value: string;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = this.#tokenize();
  }

  parse(): Expression {
    const expression = this.#operation(0);
    if (this.#position < this.#tokens.length) throw this.#unknown();
    return expression;
  }

  #tokenize(): Token[] {
    const tokens: Token[] = [];
    const matcher = new RegExp(TOKEN);
    const end = this.#text.trimEnd().length;
    while (matcher.lastIndex < end) {
      const { groups } = matcher.exec(this.#text) ?? {};
      const [found] = Object.entries(groups ?? {}).filter(([, value]) => value !== undefined);
      if (found === undefined) throw this.#unknown();
      tokens.push({ kind: found[0] as TokenKind, value: found[1] });
    }
    return tokens;
  }

  #operation(level: number): Expression {
    const operators: readonly string[] | undefined = PRECEDENCE[level];
    if (operators === undefined) return this.#operand();
    let left = this.#operation(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => this.#takes(candidate));
      if (operator === undefined) return left;
      left = { kind: 'operation', operator: operator as Operator, left, right: this.#operation(level + 1) };
    }
  }

  #operand(): Expression {
    if (this.#takes('(')) {
      const inner = this.#operation(0);
      this.#need(')');
      return inner;
    }
    if (this.#takes('[')) return { kind: 'list', items: this.#list(']') };
    const { kind, value } = this.#next();
    if (kind === 'number') return { kind, value: Number(value) };
    if (kind !== 'name') throw this.#unknown();
    if (!this.#takes('(')) return { kind: 'reference', id: value };
    if (value === 'SEARCH') return this.#search();
    const name = FUNCTIONS.find((known) => known === value);
    if (name === undefined) throw this.#unknown();
    return { kind: 'call', name, inputs: this.#list(')') };
  }

  #list(end: string): Expression[] {
    const items = [this.#operation(0)];
    while (this.#takes(',')) items.push(this.#operation(0));
    this.#need(end);
    return items;
  }

  #search(): Search {
    const terms = this.#nextOf('text');
    this.#need(',');
    const statistic = parseStatistic(this.#nextOf('text'));
    this.#need(',');
    const periodSeconds = Number(this.#nextOf('number'));
    this.#need(')');
    const [, schema = '', pairs = ''] = /^\{([\w./-]+(?:,[\w./-]+)+)\}((?: \w+="[^"]+")+)$/.exec(terms) ?? [];
    const [namespace = '', ...dimensionNames] = schema.split(',');
    const { MetricName: metricName, ...dimensions } = Object.fromEntries(
      [...pairs.matchAll(/ (\w+)="([^"]+)"/g)].map(([, name = '', value = '']) => [name, value]),
    );
    if (metricName === undefined) throw this.#unknown();
    return { kind: 'search', namespace, dimensionNames, metricName, dimensions, statistic, periodSeconds };
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#position];
    if (token?.kind !== 'sign' || token.value !== sign) return false;
    this.#position += 1;
    return true;
  }

  #need(sign: string): void {
    if (!this.#takes(sign)) throw this.#unknown();
  }

  #next(): Token {
    const token = this.#tokens[this.#position++];
    if (token === undefined) throw this.#unknown();
    return token;
  }

  #nextOf(wanted: TokenKind): string {
    const { kind, value } = this.#next();
    if (kind !== wanted) throw this.#unknown();
    return value;
  }

  #unknown(): UploadLedgerError {
    const known = `+ - * /, comparisons, ${FUNCTIONS.join(', ')} and SEARCH by exact values`;
    return new UploadLedgerError('unknown-expression', `expected an expression of ${known}; got ${this.#text}`);
  }
}
