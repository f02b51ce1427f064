import { crc32, deflateRawSync } from 'node:zlib';

/** A zip archive of these files, as Lambda gives a function's code back. */
export function toZip(files: Readonly<Record<string, string>>): Buffer {
  const [parts, entries]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = deflateRawSync(text);
    const facts = factsOf(name, content, Buffer.from(text));
    const part = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), content]);
    entries.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02\x14\x00'),
        facts,
        numbers(0, 0, 0),
        long(0),
        long(offset),
        Buffer.from(name),
      ]),
    );
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
  return Buffer.concat([numbers(20, 0, 8, 0, 0x21), ...sizes, numbers(name.length, 0)]);
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
