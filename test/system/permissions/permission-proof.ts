import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import type { Statement } from './policy.ts';

/** Where calls and permissions differ. */
export interface PermissionDifferences {
  /** Calls that AWS would refuse, as `<action> on <resource>`. */
  readonly missing: readonly string[];
  /** Actions that are allowed and never used, as `<action> on <resources>`; every one that is allowed by a wildcard. */
  readonly unused: readonly string[];
}

/** Compares calls with the statements that must allow them, as IAM evaluates them. */
export function provePermissions(
  calls: Iterable<ServiceCall>,
  statements: readonly Statement[],
): PermissionDifferences {
  const used = new Set<string>();
  const missing = new Set<string>();
  for (const call of calls) {
    for (const resource of call.resources) {
      const applying = statements.filter((statement) => applies(statement, call, resource));
      const isAllowed = applying.length > 0 && applying.every(({ effect }) => effect === 'Allow');
      if (!isAllowed) missing.add(`${call.action} on ${resource}`);
      for (const statement of applying) used.add(useOf(statement, call.action));
    }
  }
  const unused = statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) =>
      statement.actions
        .filter((action) => action.includes('*') || !used.has(useOf(statement, action)))
        .map((action) => `${action} on ${statement.resources.join(', ')}`),
    );
  return { missing: [...missing].sort(), unused };
}

function useOf({ resources, conditions }: Statement, action: string): string {
  return JSON.stringify([action, resources, conditions]);
}

function applies({ actions, resources, conditions }: Statement, call: ServiceCall, resource: string): boolean {
  return (
    actions.some((action) => matches(action, call.action)) &&
    resources.some((pattern) => matches(pattern, resource)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, wanted, call.context[key])),
    )
  );
}

/** Source: IAM user guide, "IAM JSON policy elements: Condition operators". */
function holds(operator: string, wanted: readonly string[], given: readonly string[] | undefined): boolean {
  const values = given ?? [];
  switch (operator) {
    case 'StringEquals':
      return values.length > 0 && values.every((value) => wanted.includes(value));
    case 'ForAllValues:StringLike':
      // True of a request without the key at all, as in IAM.
      return values.every((value) => wanted.some((pattern) => matches(pattern, value)));
    default:
      throw new TypeError(`Expected a condition operator that this proof knows; got ${operator}.`);
  }
}

/** IAM's wildcards: any characters, and any one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RegExp.escape(part)));
  return new RegExp(`^${source.join('')}$`, 's').test(text);
}
