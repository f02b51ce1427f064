/**
 * Measures whether the console stays responsive: 100,000 records of the last hour, 50 more a second, the live view open.
 * `npm run lab -- console-speed`. Prints when the page first showed something, the longest task of a 30 s trace and the page's memory over the
 * minutes after it, and fails when the first took more than a second, a task more than 200 ms, or the memory has not levelled off.
 *
 * The ledger is in memory: what is measured is the console and the page, not a table.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { startConsole } from '../../src/console/server/console-server.ts';
import { CATEGORIES } from '../../src/contract/uploads.ts';
import { MemoryLedger } from '../console/memory-ledger.ts';
import { uploadAt } from '../console/records.ts';
import { sourceOf } from '../console/test-source.ts';
import { launchBrowser } from '../system/browser/browser.ts';

const RECORDS = 100_000;
const A_SECOND = 50;
const TRACE_SECONDS = 30;
const MEMORY_SAMPLES = 8;
const BETWEEN_SAMPLES = 15_000;
const LONGEST_TASK = 200;
/** Milliseconds from asking for the page to its first contents. */
const LATEST_PAINT = 1_000;
/** How much more memory the last sample may be than the one in the middle. */
const GROWTH = 1.1;

const say = (line: string) => process.stdout.write(`${line}\n`);

const ledger = new MemoryLedger();
let count = 0;
const add = (time: number) => {
  count += 1;
  const category = CATEGORIES[count % CATEGORIES.length] ?? 'other';
  ledger.add(uploadAt(time, `photos/${count % 97}/${count}.jpg`, { category, uploader: `uploader-${count % 31}` }));
};
const start = Date.now();
for (let index = 0; index < RECORDS; index += 1) add(start - 3_500_000 + Math.floor((index * 3_500_000) / RECORDS));
const arriving = setInterval(() => {
  for (let index = 0; index < A_SECOND / 10; index += 1) add(Date.now());
}, 100);

const server = await startConsole({
  source: sourceOf({ reader: ledger.reader(), pollMilliseconds: 500 }),
  explain: String,
});
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const session = await page.context().newCDPSession(page);
  const tasks = await longestTasks(session, async () => {
    await page.goto(server.link);
    await wait(TRACE_SECONDS * 1000);
  });
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
  );
  say(`First contents after ${paint.toFixed(0)} ms`);
  const figure = await page.locator('.tile .below').first().textContent();
  say(`${figure} (of ${count} records made); ${await page.locator('.records tbody tr').count()} rows in the table`);
  say(
    `Longest tasks in ${TRACE_SECONDS} s, in ms: ${tasks
      .slice(0, 5)
      .map((task) => task.toFixed(1))
      .join(', ')}`,
  );
  const heaps: number[] = [];
  for (let sample = 0; sample < MEMORY_SAMPLES; sample += 1) {
    heaps.push(await heapOf(session));
    say(
      `Memory of the page: ${((heaps.at(-1) ?? 0) / 1e6).toFixed(2)} MB; of the console: ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`,
    );
    if (sample < MEMORY_SAMPLES - 1) await wait(BETWEEN_SAMPLES);
  }
  const [middle = 0, last = 0] = [heaps[MEMORY_SAMPLES / 2], heaps.at(-1)];
  const isResponsive = (tasks[0] ?? 0) <= LONGEST_TASK;
  const isLevel = last <= middle * GROWTH;
  const isPrompt = paint <= LATEST_PAINT;
  say(
    `${isPrompt ? 'Met' : 'NOT MET'}: first contents within ${LATEST_PAINT} ms. ${isResponsive ? 'Met' : 'NOT MET'}: no task over ${LONGEST_TASK} ms. ${isLevel ? 'Met' : 'NOT MET'}: memory levels off.`,
  );
  process.exitCode = isPrompt && isResponsive && isLevel ? 0 : 1;
} finally {
  clearInterval(arriving);
  await browser.close();
  await server.close();
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args: { readonly name?: string };
}

/** Milliseconds of the page's tasks while `work` goes on, the longest first. */
async function longestTasks(session: CDPSession, work: () => Promise<void>): Promise<number[]> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: categories },
    transferMode: 'ReportEvents',
  });
  await work();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  const main = new Set(events.filter(isPageThread).map(({ pid, tid }) => `${pid}/${tid}`));
  const tasks = events.filter(
    ({ name, ph, pid, tid }) => ph === 'X' && /RunTask$/.test(name) && main.has(`${pid}/${tid}`),
  );
  if (tasks.length === 0) throw new Error('Expected the trace to hold tasks of the page.');
  return tasks.map(({ dur = 0 }) => dur / 1000).sort((a, b) => b - a);
}

function isPageThread({ name, args }: TraceEvent): boolean {
  return name === 'thread_name' && args.name === 'CrRendererMain';
}

/** Bytes of the page's heap, of what is still in use. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}
