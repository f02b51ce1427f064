/**
 * Runs a bundle as Lambda would, in a process of its own: `node invoke-bundle.ts ENTRY`, the event on standard input. The last line of
 * standard output is a JSON object with the handler's `response`, and whether undici was `loadedUndici` by then.
 */
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { lambdaContext } from '../../consumer/lambda-context.ts';

const [entry = ''] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(entry).href);
const response = await handler(JSON.parse(await text(process.stdin)), lambdaContext());
const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] };
const loadedUndici = moduleLoadList.some((module) => module.includes('undici'));
process.stdout.write(`\n${JSON.stringify({ response, loadedUndici })}\n`, () => process.exit());
