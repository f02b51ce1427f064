const ELLIPSIS = '…';

/** Bytes that the text takes inside a JSON string, in UTF-8: quotes and controls take more there than they are long. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/**
 * The text itself when it fits, else its beginning and its end with an ellipsis between: both say what a key is. No
 * character is cut in half.
 *
 * @param mostBytes Bytes inside a JSON string that the result may take.
 */
export function shortenMiddle(text: string, mostBytes: number): string {
  if (jsonBytes(text) <= mostBytes) return text;
  const characters = Array.from(text);
  const each = Math.floor((mostBytes - jsonBytes(ELLIPSIS)) / 2);
  const head = fitting(characters, each);
  const tail = fitting(characters.reverse(), each).reverse();
  return [...head, ELLIPSIS, ...tail].join('');
}

/** As many of the first characters as fit into so many bytes. */
function fitting(characters: readonly string[], mostBytes: number): string[] {
  let bytes = 0;
  const end = characters.findIndex((character) => {
    bytes += jsonBytes(character);
    return bytes > mostBytes;
  });
  return characters.slice(0, end);
}
