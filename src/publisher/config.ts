import { ENVIRONMENT } from '../contract/environment.ts';
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
    serviceName: read(ENVIRONMENT.serviceName, required) ?? '',
  };
  assertValid();
  return config;
}
