import { errorMessage, UploadLedgerError } from './errors.ts';

/** The function's environment is not what the stack writes. Raised at start, with every issue at once. */
export class EnvironmentError extends UploadLedgerError {
  override readonly name = 'EnvironmentError';

  constructor(issues: readonly string[]) {
    super('invalid-environment', `The function's environment variables are wrong. ${issues.join(' ')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a variable's text says. An empty one is absent. @throws TypeError that says what was expected and what came. */
type Parse<Value> = (text: string | undefined, name: string) => Value;

interface EnvironmentReader {
  /** The variable's value; undefined when it is wrong, which {@link assertValid} reports. */
  readonly read: <Value>(name: string, parse: Parse<Value>) => Value | undefined;
  /** @throws {EnvironmentError} with everything that was wrong. */
  readonly assertValid: () => void;
}

export function environmentReader(environment: Environment): EnvironmentReader {
  const issues: string[] = [];
  return {
    read: (name, parse) => {
      try {
        return parse(environment[name] || undefined, name);
      } catch (error) {
        issues.push(errorMessage(error));
        return undefined;
      }
    },
    assertValid: () => {
      if (issues.length > 0) throw new EnvironmentError(issues);
    },
  };
}

export const required: Parse<string> = (text, name) => {
  if (text === undefined) throw new TypeError(`Expected ${name} to be set; it is not.`);
  return text;
};

export function optional<Value>(parse: Parse<Value>): Parse<Value | undefined> {
  return (text, name) => (text === undefined ? undefined : parse(text, name));
}

export const url: Parse<string> = (text, name) => {
  const value = required(text, name);
  if (!URL.canParse(value)) throw new TypeError(`Expected ${name} to be a URL; got ${JSON.stringify(value)}.`);
  return value;
};

export const wholeNumber: Parse<number> = (text, name) => {
  const value = required(text, name);
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new TypeError(`Expected ${name} to be a whole number of 1 or more; got ${JSON.stringify(value)}.`);
  }
  return Number(value);
};
