import type { EmulatorApp } from './edge.ts';
import { objectPath } from './object-path.ts';
import { authorizationFor } from './principal.ts';
import { element, unescapeXml } from './xml.ts';

/** Most keys that one DeleteObjects may name (S3 API Reference). */
const MOST_KEYS = 1000;

/**
 * Answers DeleteObjects by deleting one object after the other, so that each goes the way of a single DELETE.
 *
 * The emulator's own resolves XML references twice: it would delete `a<b` when asked for `a&lt;b`.
 *
 * @param accessKeyId On whose behalf, if anybody's.
 * @returns The answer's XML, or undefined when the body names no key or too many.
 */
export async function deleteObjects(
  app: EmulatorApp,
  bucket: string,
  body: string,
  accessKeyId: string | undefined,
): Promise<string | undefined> {
  const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, text = '']) => unescapeXml(text));
  if (keys.length === 0 || keys.length > MOST_KEYS || keys.includes('')) return undefined;
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/i.test(body);
  const headers = accessKeyId === undefined ? {} : { authorization: authorizationFor(accessKeyId) };
  const results: string[] = [];
  for (const key of keys) {
    const answer = await app.inject({ method: 'DELETE', url: objectPath(bucket, key), headers });
    if (answer.statusCode >= 300) results.push(failure(key, answer.body));
    else if (!isQuiet) results.push(`<Deleted>${element('Key', key)}</Deleted>`);
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    ...results,
    '</DeleteResult>',
  ].join('\n');
}

function failure(key: string, errorXml: string): string {
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(errorXml)?.[0] ?? '';
  return `<Error>${element('Key', key)}${field('Code')}${field('Message')}</Error>`;
}
