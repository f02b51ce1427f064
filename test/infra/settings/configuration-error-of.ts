import { ConfigurationError } from '../../../infra/settings/configuration-error.ts';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';

/** The error that these settings cause; undefined when they are valid. */
export function configurationErrorOf(settings: Readonly<Record<string, unknown>>): ConfigurationError | undefined {
  try {
    parseConfiguration(settings);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}
