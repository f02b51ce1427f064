import { ENVIRONMENT } from '../contract/environment.ts';
import { BODY_FORMATS, type BodyFormat } from '../contract/events.ts';
import type { EventTarget } from '../events/publish.ts';
import { type Environment, environmentReader, required } from '../shared/environment.ts';

interface PublisherConfig extends EventTarget {
  /** What log lines call this ledger. */
  readonly serviceName: string;
}

/**
 * Reads the function's environment.
 *
 * @throws {EnvironmentError}
 */
export function readConfig(environment: Environment = process.env): PublisherConfig {
  const { read, assertValid } = environmentReader(environment);
  const config = {
    eventBus: read(ENVIRONMENT.eventBus, required) ?? '',
    tableArn: read(ENVIRONMENT.tableArn, required) ?? '',
    formats: read(ENVIRONMENT.bodyFormats, bodyFormats) ?? [],
    serviceName: read(ENVIRONMENT.serviceName, required) ?? '',
  };
  assertValid();
  return config;
}

function bodyFormats(text: string | undefined, name: string): readonly BodyFormat[] {
  return (text === undefined ? [] : text.split(',')).map((format) => {
    const known = BODY_FORMATS.find((one) => one === format);
    if (known !== undefined) return known;
    throw new TypeError(`Expected ${name} to be a list of ${BODY_FORMATS.join(', ')}; got ${JSON.stringify(format)}.`);
  });
}
