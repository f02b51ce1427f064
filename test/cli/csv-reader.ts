/** The cells of CSV (RFC 4180, lines ended by a line feed), as a spreadsheet reads them. */
export function readCsv(text: string, separator: ',' | ';'): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (isQuoted && character === '"' && text[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (character === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (isQuoted || (character !== separator && character !== '\n')) cell += character;
    else {
      rows.at(-1)?.push(cell);
      cell = '';
      if (character === '\n') rows.push([]);
    }
  }
  return rows.slice(0, -1);
}
