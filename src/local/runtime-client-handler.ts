import { statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runtimeError } from './runtime-client-error.ts';

/** A handler as Lambda calls it. */
export type Handler = (event: unknown, context: object) => unknown;

/** In the order in which Lambda's Node runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'] as const;

/**
 * Loads the handler as Lambda's Node runtime does: an ES module or CommonJS, and after the file's name the path of exports.
 *
 * Lambda ends the file's name at the first dot: `dir/consumer.handler` is the export `handler` of `dir/consumer.mjs`, and
 * `consumer.lambda.handler` is never a file `consumer.lambda.mjs`. (Source: AWS's runtime interface client for Node.)
 *
 * @throws an error named `Runtime.*` when there is no such file, export or function, or when it takes a callback, which
 *   Lambda stopped to support with Node 24; and whatever the code throws while it loads.
 */
export async function loadHandler(codeDirectory: string, handler: string): Promise<Handler> {
  const { file, exportPath } = parseHandler(handler);
  const found = EXTENSIONS.map((extension) => path.resolve(codeDirectory, file + extension)).find(isFile);
  if (found === undefined) {
    throw runtimeError(
      'Runtime.ImportModuleError',
      `Cannot find module '${file}' in ${codeDirectory}: the handler '${handler}' asks for ${file}.js, .mjs or .cjs and its ` +
        `export '${exportPath}', because Lambda ends the file's name at the first dot.`,
    );
  }
  const module = await importModule(found);
  const loaded = findExport(module, exportPath) ?? findExport((module as { default?: unknown }).default, exportPath);
  if (typeof loaded !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported, or not a function`);
  }
  if (loaded.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      `${handler} takes a callback, which Lambda no longer supports as of Node.js 24: return a promise instead.`,
    );
  }
  return loaded as Handler;
}

function parseHandler(handler: string): { file: string; exportPath: string } {
  const { dir, base } = path.posix.parse(handler);
  const dot = base.indexOf('.');
  if (dot < 1 || dot === base.length - 1 || handler.includes('..')) {
    throw runtimeError(
      'Runtime.MalformedHandlerName',
      `'${handler}' is not a valid handler name: expected file.export`,
    );
  }
  return { file: path.posix.join(dir, base.slice(0, dot)), exportPath: base.slice(dot + 1) };
}

async function importModule(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error));
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
}

function isFile(candidate: string): boolean {
  return statSync(candidate, { throwIfNoEntry: false })?.isFile() ?? false;
}

function findExport(from: unknown, exportPath: string): unknown {
  return exportPath
    .split('.')
    .reduce<unknown>(
      (nested, name) =>
        typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>)[name] : undefined,
      from,
    );
}
