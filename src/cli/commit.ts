import { execFileSync } from 'node:child_process';

/**
 * The commit that this program is of, such as `4f2a9c1`; empty where Git does not know. The bundled command line has it
 * written in.
 */
export function commit(): string {
  try {
    const args = ['rev-parse', '--short', 'HEAD'];
    return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
