import { Duration, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
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

/** Who wrote what is wrong: settings of the stack, or the props of a construct, which has this path. */
export type WrittenIn = 'settings' | { readonly construct: string };

const SETTINGS_ADVICE =
  'Settings are in cdk.json under "context", or on the command line as -c key=value. There, separate a list of words by commas, and give all other lists and objects as JSON.';

/** Everything that is wrong with the configuration, one line each: the key, the value and the rule that it breaks. */
export class ConfigurationError extends UploadLedgerError {
  override readonly name = 'ConfigurationError';
  readonly issues: readonly ConfigurationIssue[];

  constructor(issues: readonly ConfigurationIssue[], writtenIn: WrittenIn = 'settings') {
    const count = issues.length === 1 ? 'an error' : `${issues.length} errors`;
    const lines = issues.map(({ key, value, rule }) => `  ${key} = ${shorten(value)}: ${rule}`);
    const [subject, advice] =
      writtenIn === 'settings'
        ? ['The configuration has', [SETTINGS_ADVICE]]
        : [`UploadLedger "${writtenIn.construct}" has props with`, []];
    super('bad-configuration', [`${subject} ${count}:`, ...lines, ...advice].join('\n'));
    this.issues = issues;
  }
}

function shorten(value: unknown): string {
  // A duration becomes text before a replacer sees it.
  const text = JSON.stringify(shown(value), (_, part: unknown) => shown(part)) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** A construct by its path: it refers to the whole tree. A token as what it is: its text says nothing. */
function shown(part: unknown): unknown {
  if (part instanceof Duration) return part.toHumanString();
  if (Construct.isConstruct(part)) return `<${part.node.path}>`;
  return Token.isUnresolved(part) ? '<token>' : part;
}
