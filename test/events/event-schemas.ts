import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { LedgerEventType } from '../../src/contract/events.ts';

const DIRECTORY = new URL('../../docs/events/', import.meta.url);

/** The JSON Schemas that receivers get. */
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
for (const file of readdirSync(DIRECTORY)) ajv.addSchema(JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8')));

/** Everything that is wrong with the `detail` of an event of this type, one phrase each. */
export function schemaErrors(type: LedgerEventType, detail: unknown): readonly string[] {
  const isValid = ajv.getSchema(`${type}.schema.json`);
  if (isValid === undefined) throw new TypeError(`Expected a schema for ${type} in docs/events.`);
  if (isValid(detail) === true) return [];
  return (isValid.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}
