import { settingNameFault, timeZoneFault } from '../../contract/email-settings.ts';
import type { Digest } from '../../digest/digest.ts';
import type { Email } from '../../digest/email.ts';
import { BadRequestError } from '../server/exchange.ts';
import { optionalText } from './query.ts';

/** Which digest, as its settings name it. */
export interface DigestQuery {
  readonly name: string;
  readonly timeZone: string;
}

/** What a digest would say now, and the email that would say it. */
export interface DigestPreview {
  readonly digest: Digest;
  readonly email: Email;
}

/** Folds the digest's window; changes nothing. */
export type PreviewDigest = (query: DigestQuery) => Promise<DigestPreview>;

/** Letters of the longest name of a time zone, with room. */
const LONGEST_ZONE = 64;

/** @throws BadRequestError when the name of the digest or its time zone cannot be one. */
export function parseDigestQuery(query: URLSearchParams): DigestQuery {
  const name = optionalText(query, 'name') ?? 'digest';
  const timeZone = (optionalText(query, 'zone') ?? 'UTC').slice(0, LONGEST_ZONE);
  const [nameFault, zoneFault] = [settingNameFault(name), timeZoneFault(timeZone)];
  if (nameFault !== undefined) throw new BadRequestError(`The digest's name: ${nameFault}.`);
  if (zoneFault !== undefined) throw new BadRequestError(`The time zone: ${zoneFault}.`);
  return { name, timeZone };
}
