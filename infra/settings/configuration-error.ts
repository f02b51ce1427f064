import { UploadLedgerError } from '../../src/shared/errors.ts';

/** One thing that is wrong with the configuration. */
export interface ConfigurationIssue {
  readonly key: string;
  /** As it was given. */
  readonly value: unknown;
  /** The rule that it breaks, as the end of a sentence: `must be a whole number from 1 to 900`. */
  readonly rule: string;
}

/** Characters of a value that a message shows. */
const SHOWN_CHARACTERS = 80;

/** Everything that is wrong with the configuration, one line each: the key, the value and the rule that it breaks. */
export class ConfigurationError extends UploadLedgerError {
  override readonly name = 'ConfigurationError';
  readonly issues: readonly ConfigurationIssue[];

  constructor(issues: readonly ConfigurationIssue[]) {
    const count = issues.length === 1 ? 'an error' : `${issues.length} errors`;
    const lines = issues.map(({ key, value, rule }) => `  ${key} = ${shorten(value)}: ${rule}`);
    const advice = 'Settings are in cdk.json under "context", or on the command line as "-c key=value".';
    super('bad-configuration', [`The configuration has ${count}:`, ...lines, advice].join('\n'));
    this.issues = issues;
  }
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
