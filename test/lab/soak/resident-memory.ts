import { readdirSync, readFileSync } from 'node:fs';

/** Size of a page of Linux's on x64 and arm64 as the kernel is built by most. */
const PAGE = 4096;

/**
 * Resident bytes of each execution environment of this process: its children that run the Lambda runtime client.
 *
 * Reads /proc, so on Linux only; elsewhere there are none.
 */
export function environmentMemory(): readonly number[] {
  return processIds().flatMap((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      // After the name, which may hold anything and stands in parentheses: the state, then the parent.
      const parent = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
      if (Number(parent) !== process.pid || !command.includes('runtime-client')) return [];
      const pages = Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]);
      return [pages * PAGE];
    } catch (error) {
      // It has ended since the list was made.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  });
}

function processIds(): readonly string[] {
  return process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
}
