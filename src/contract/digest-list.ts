/** What the command line has to know of a digest that is deployed. */
export interface ListedDigest {
  readonly name: string;
  /** IANA. */
  readonly timeZone: string;
}

/** The digests of a stack as its output says them: `daily=Europe/Berlin,weekly=UTC`. Neither part can hold a comma or `=`. */
export function toDigestList(digests: readonly ListedDigest[]): string {
  return digests.map(({ name, timeZone }) => `${name}=${timeZone}`).join(',');
}

/** @param text Undefined: a stack without digests. */
export function parseDigestList(text: string | undefined): readonly ListedDigest[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((entry) => {
    const [name = '', timeZone = 'UTC'] = entry.split('=');
    return { name, timeZone };
  });
}
