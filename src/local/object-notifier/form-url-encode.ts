/**
 * A key as S3 writes it into an event: form-urlencoded, with slashes left as they are.
 *
 * Letters, digits and `-._~*` stay, a space becomes `+`, every other byte of UTF-8 a percent sign and two upper-case
 * hexadecimal digits.
 */
export function formUrlEncode(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
