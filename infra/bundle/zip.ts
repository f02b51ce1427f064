import { crc32, deflateRawSync } from 'node:zlib';

/** "Made by" UNIX, so that the mode below counts. Source: PKWARE, "APPNOTE.TXT", sections 4.4.2 and 4.4.15. */
const ENTRY = Buffer.from('PK\x01\x02\x14\x03');
/** A regular file that everybody may read: Lambda runs the code as a user of its own. */
const MODE = 0o100644 * 0x1_0000;

/** A zip archive of these files, the same for the same files: their time is always 1980. */
export function toZip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const [parts, entries]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, file] of Object.entries(files)) {
    const original = Buffer.from(file);
    const content = deflateRawSync(original, { level: 9 });
    const facts = factsOf(name, content, original);
    const part = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), content]);
    entries.push(Buffer.concat([ENTRY, facts, numbers(0, 0, 0), long(MODE), long(offset), Buffer.from(name)]));
    parts.push(part);
    offset += part.length;
  }
  const directory = Buffer.concat(entries);
  const end = [numbers(0, 0, entries.length, entries.length), long(directory.length), long(offset), numbers(0)];
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), ...end]);
}

/** What an entry says twice: version, flags, method, time, date, CRC, sizes and the lengths of name and extra field. */
function factsOf(name: string, content: Buffer, original: Buffer): Buffer {
  const sizes = [long(crc32(original)), long(content.length), long(original.length)];
  return Buffer.concat([numbers(20, 0, 8, 0, 0x21), ...sizes, numbers(Buffer.byteLength(name), 0)]);
}

function numbers(...values: readonly number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const two = Buffer.alloc(2);
      two.writeUInt16LE(value);
      return two;
    }),
  );
}

function long(value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value);
  return four;
}
