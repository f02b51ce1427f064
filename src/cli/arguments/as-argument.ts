import { InvalidArgumentError } from 'commander';
import { UsageError } from '../usage-error.ts';

/** `parse` as commander takes it: what it throws is told together with the name of the option or argument. */
export function asArgument<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}
