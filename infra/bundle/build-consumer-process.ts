/**
 * Runs {@link buildConsumer} in a process of its own, for callers that cannot wait for a promise: `node build-consumer-process.ts DIRECTORY`
 * writes esbuild's account to standard output, or what went wrong to standard error.
 */
import { buildConsumer } from './build-consumer.ts';

const [outputDirectory] = process.argv.slice(2);
if (outputDirectory === undefined) throw new TypeError('Expected the output directory as the only argument; got none.');
process.stdout.write(JSON.stringify(await buildConsumer(outputDirectory)));
