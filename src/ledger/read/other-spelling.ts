import { otherUnicodeForms, type UnicodeForm } from '../../shared/text.ts';

/** A key, or the beginning of one, that looks like the one that was asked for and is another. */
export interface OtherSpelling {
  readonly form: UnicodeForm;
  readonly text: string;
}

/**
 * The other Unicode form of a key of which there are records; undefined when there is none. For look-ups that found
 * nothing: macOS decomposes names, most keyboards compose them, and both look the same on a screen.
 *
 * @param records Records of a key, of which at most one is read.
 */
export async function findOtherSpelling(
  text: string,
  records: (other: string) => AsyncGenerator<unknown>,
): Promise<OtherSpelling | undefined> {
  for (const other of otherUnicodeForms(text)) {
    for await (const _ of records(other.text)) return other;
  }
  return undefined;
}

/** For people: what is different about the other spelling. */
export const UNICODE_FORM_LABELS: Readonly<Record<UnicodeForm, string>> = {
  NFC: 'composed characters (Unicode NFC)',
  NFD: 'decomposed characters (Unicode NFD, as macOS writes names)',
};
