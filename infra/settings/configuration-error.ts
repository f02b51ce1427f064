import { UploadLedgerError } from '../../src/shared/errors.ts';

/** One thing that is wrong with the configuration. */
export interface ConfigurationFault {
  readonly key: string;
  /** As it was given. */
  readonly value: unknown;
  /** The rule that it breaks, following on from the value: `must be a whole number from 1 to 900`. */
  readonly rule: string;
}

/** Longest part of a value that a message shows. */
const SHOWN = 80;

/** Every fault of the configuration at once, one line each: the key, the value and the rule that it breaks. */
export class ConfigurationError extends UploadLedgerError {
  override readonly name = 'ConfigurationError';
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
    const lines = faults.map(({ key, value, rule }) => `  ${key} = ${shown(value)}: ${rule}`);
    const advice = 'Settings stand in cdk.json under "context", or come as "-c key=value".';
    super('bad-configuration', [`The configuration has ${count}:`, ...lines, advice].join('\n'));
    this.faults = faults;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
