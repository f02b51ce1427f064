import type { z } from 'zod';
import type { DeclaredResource } from './template-document.ts';
import { TemplateError } from './template-error.ts';
import type { TemplateResolver } from './template-resolver.ts';

/**
 * The properties of a resource that the local stack acts on, resolved and checked.
 *
 * @param schema What it acts on. Its objects are strict: a property inside that is not in it is an error.
 * @param withoutLocalMeaning Properties that change nothing on this machine. All others are an error.
 */
export function readProperties<S extends z.ZodObject>(
  { logicalId, type, properties }: DeclaredResource,
  resolver: TemplateResolver,
  schema: S,
  withoutLocalMeaning: readonly string[],
): z.output<S> {
  for (const name of Object.keys(properties)) {
    if (!Object.hasOwn(schema.shape, name) && !withoutLocalMeaning.includes(name)) {
      throw new TemplateError(logicalId, `the local stack does not know the property ${name} of ${type}.`);
    }
  }
  const known = Object.entries(properties).filter(([name]) => Object.hasOwn(schema.shape, name));
  const result = schema.safeParse(resolver.resolve(Object.fromEntries(known), logicalId));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new TemplateError(logicalId, `the local stack does not know these properties of ${type}: ${faults}.`);
}
