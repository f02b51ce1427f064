/**
 * Loaded into the function's process before the function. An answer of a service may carry a header that tells how the process is to
 * meet its end at just that point: after the write took effect, before the function hears of it. The bundle itself is the deployed one.
 */
import { subscribe } from 'node:diagnostics_channel';
import { FATE_HEADER, type Fate } from '../fate.ts';

const FATES: Readonly<Record<Fate, () => void>> = {
  'killed-at-answer': () => process.kill(process.pid, 'SIGKILL'),
  'out-of-memory': () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array(1_000_000).fill(hoard.length + 0.5));
  },
  'timed-out': () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

subscribe('http.client.response.finish', (message) => {
  const { response } = message as { readonly response: { readonly headers: Readonly<Record<string, unknown>> } };
  FATES[response.headers[FATE_HEADER] as Fate]?.();
});
