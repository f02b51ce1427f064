/** What every POSIX shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** `text` as one word of a shell's command line. */
export function asShellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
