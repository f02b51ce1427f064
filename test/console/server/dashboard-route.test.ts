import { describe, expect, it, onTestFinished } from 'vitest';
import { startConsole } from '../../../src/console/server/console-server.ts';
import type { ConsoleSource } from '../../../src/console/source.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { sourceOf } from '../test-source.ts';
import { ask } from './ask.ts';

const HOUR_MS = 3_600_000;

/** What a console answers whose dashboard is this one. */
async function askConsole(path: string, parts: Partial<ConsoleSource>) {
  const source = sourceOf({ reader: new MemoryLedger().reader(), ...parts });
  const server = await startConsole({ source, explain: String, token: 'secret' });
  onTestFinished(() => server.close());
  const { status, body } = await ask(server.url, { path, headers: { authorization: 'Bearer secret' } });
  return { status, body: JSON.parse(body) };
}

/** A dashboard whose range is that which was asked for. */
const dashboard = (rangeMs = 3 * HOUR_MS) => ({ name: 'Dashboard', since: 0, until: rangeMs / 1000, widgets: [] });

describe('the route of the dashboard', () => {
  it('gives the range that the dashboard opens with, or so many hours', async () => {
    expect(await askConsole('/api/dashboard', { dashboard })).toMatchObject({ status: 200, body: { until: 3 * 3600 } });
    expect(await askConsole('/api/dashboard?hours=', { dashboard })).toMatchObject({ body: { until: 3 * 3600 } });
    expect(await askConsole('/api/dashboard?hours=12', { dashboard })).toMatchObject({ body: { until: 12 * 3600 } });
  });

  it.each(['0', '-1', '1.5', '1e1', 'NaN', '337', 'three'])('refuses %s hours', async (hours) => {
    const { status, body } = await askConsole(`/api/dashboard?hours=${hours}`, { dashboard });
    expect(status).toBe(400);
    expect(body.error).toBe('Expected "hours" to be a whole number from 1 to 336.');
  });

  it('is there only where the figures are, and the page is told', async () => {
    expect(await askConsole('/api/dashboard', {})).toMatchObject({ status: 404 });
    expect(await askConsole('/api/source', {})).toMatchObject({ body: { hasDashboard: false } });
    expect(await askConsole('/api/source', { dashboard })).toMatchObject({ body: { hasDashboard: true } });
  });
});
