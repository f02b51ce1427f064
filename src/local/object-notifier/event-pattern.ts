/** How one value may be matched: by itself, or by an operator. */
export type ValuePattern =
  | string
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly wildcard: string };

/** An event pattern of an EventBridge rule: an event's own structure, with lists of what each value may be. */
export interface EventPattern {
  readonly [field: string]: readonly ValuePattern[] | EventPattern;
}

/** Source: EventBridge User Guide, "Amazon EventBridge event patterns" and "Comparison operators". */
export function matchesEventPattern(pattern: EventPattern, event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  return Object.entries(pattern).every(([field, wanted]) => {
    const value: unknown = Reflect.get(event, field);
    return isLeaf(wanted)
      ? wanted.some((one) => typeof value === 'string' && matchesValue(one, value))
      : matchesEventPattern(wanted, value);
  });
}

function isLeaf(wanted: readonly ValuePattern[] | EventPattern): wanted is readonly ValuePattern[] {
  return Array.isArray(wanted);
}

function matchesValue(wanted: ValuePattern, value: string): boolean {
  if (typeof wanted === 'string') return value === wanted;
  if ('prefix' in wanted) return value.startsWith(wanted.prefix);
  if ('suffix' in wanted) return value.endsWith(wanted.suffix);
  return wildcardExpression(wanted.wildcard).test(value);
}

/** An asterisk is any number of characters; after a backslash it, and a backslash, is itself. */
function wildcardExpression(wildcard: string): RegExp {
  const parts = wildcard.match(/\\[\\*]|\*|[^\\*]+|\\/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '.*' : RegExp.escape(part.replace(/^\\(?=[\\*])/, ''))));
  return new RegExp(`^${source.join('')}$`, 's');
}
