import { readFileSync } from 'node:fs';

/**
 * Whether a process exists and has not ended; one that has ended and that nobody has waited for yet counts as ended.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
  return process.platform !== 'linux' || !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
    return afterName.startsWith('Z');
  } catch {
    // It has gone in the meantime.
    return true;
  }
}
