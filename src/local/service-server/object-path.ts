/**
 * The path of an object for requests made in-process. `..` and slashes survive, because the whole key is encoded.
 *
 * @param key Neither `.` nor `..` alone: URLs cannot hold those, however encoded.
 */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${encodeURIComponent(key)}`;
}
