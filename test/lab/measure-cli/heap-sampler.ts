/**
 * Loaded into the measured process before its program, with `--expose-gc`: collects all garbage now and then, and writes at the end what the
 * heap held at its greatest, in bytes, to the file that `HEAP_FILE` names.
 */
import { writeFileSync } from 'node:fs';

const INTERVAL_MS = 200;

let greatest = 0;

function look(): void {
  globalThis.gc?.();
  greatest = Math.max(greatest, process.memoryUsage().heapUsed);
}

setInterval(look, INTERVAL_MS).unref();
process.on('exit', () => {
  look();
  writeFileSync(process.env.HEAP_FILE ?? '', String(greatest));
});
