import { types } from 'node:util';

/** An error as the Runtime API takes it. */
export interface ErrorDocument {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** An error of the runtime itself, with one of the names that Lambda's Node runtimes use. */
export function runtimeError(name: `Runtime.${string}`, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Describes whatever a handler threw, be it an error or not. */
export function toErrorDocument(thrown: unknown): ErrorDocument {
  if (!types.isNativeError(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const { name, message, stack } = thrown;
  return { errorType: String(name), errorMessage: String(message), trace: String(stack ?? '').split('\n') };
}
