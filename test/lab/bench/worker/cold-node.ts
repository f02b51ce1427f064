/**
 * A cold start of a Node handler, and nothing after it: `node cold-node.mjs ENTRY PAYLOAD`, then one {@link
 * ColdReply}.
 */
import { readFileSync, writeSync } from 'node:fs';
import { loadHandler, makeContext } from './invocation.ts';
import { type ColdReply, REPLIES } from './protocol.ts';

const [entry = '', payload = ''] = process.argv.slice(2);
const event = JSON.parse(readFileSync(payload, 'utf8'));
const context = makeContext('cold');

const start = performance.now();
const handler = await loadHandler(entry);
await handler(event, context);
const seconds = (performance.now() - start) / 1_000;

const { user, system } = process.cpuUsage();
const reply: ColdReply = { seconds, cpuSeconds: (user + system) / 1e6 };
writeSync(REPLIES, `${JSON.stringify(reply)}\n`);
process.exit();
