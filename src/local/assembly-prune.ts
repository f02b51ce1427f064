import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** Beginning of the names of assemblies that are still being synthesized. */
export const TEMPORARY_PREFIX = 'unfinished-';

/** Assemblies that stay however old they are: going back and forth between a few states of the sources is quick. */
const KEPT = 4;
/** One that was used within this time may still be in use by another process. */
const IN_USE_MILLISECONDS = 60 * 60 * 1000;

/** Removes assemblies that nobody has used for a while, all but the latest few, and what crashed syntheses left. */
export function pruneAssemblies(outputDirectory: string, current: string, now: number = Date.now()): void {
  const entries = readdirSync(outputDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.resolve(outputDirectory, entry.name))
    .filter((directory) => directory !== current)
    .flatMap((directory) => {
      const lastUse = statSync(directory, { throwIfNoEntry: false })?.mtimeMs;
      return lastUse === undefined ? [] : [{ directory, lastUse }];
    })
    .sort((a, b) => b.lastUse - a.lastUse);
  const finished = entries.filter(({ directory }) => !path.basename(directory).startsWith(TEMPORARY_PREFIX));
  const kept = new Set(finished.slice(0, KEPT - 1));
  for (const entry of entries) {
    const idle = now - entry.lastUse > IN_USE_MILLISECONDS;
    if (idle && !kept.has(entry)) rmSync(entry.directory, { recursive: true, force: true });
  }
}
