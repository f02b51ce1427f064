import { quoted } from './email-settings.ts';

/** What is wrong with a value, as `expected ..., got ...`; undefined when nothing is. */
export type Check = (value: unknown) => string | undefined;

/** The fields that an object may have, and the check of each; one that is missing is checked as undefined. */
export type Checks = Readonly<Record<string, Check>>;

/** Every fault of an object's fields, as `name: expected ..., got ...`. A field that is not known is a fault. */
export function fieldFaults(fields: Readonly<Record<string, unknown>>, checks: Checks): readonly string[] {
  const wrong = Object.entries(checks).flatMap(([name, check]) => {
    const fault = check(fields[name]);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(checks, name));
  return [...wrong, ...unknown.map((name) => `${quoted(name)}: expected no such field`)];
}

/** The check of a field that may be missing. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/** Every name that stands in a list of objects more than once, as a fault. @param each What has the name, such as `rule`. */
export function repeatedNames(list: readonly unknown[], each: string): readonly string[] {
  const names = list
    .map((item) => (item as { readonly name?: unknown } | null)?.name)
    .filter((name) => name !== undefined);
  const repeated = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return [...repeated].map((name) => `name: expected a different one for each ${each}, got ${quoted(name)} twice`);
}
