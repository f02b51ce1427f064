import fc from 'fast-check';

/** How a text is spoilt at one place. */
interface Damage {
  /** Share of the text's length. */
  readonly at: number;
  readonly length: number;
  readonly insert: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(20),
  insert: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('', '"', '{', '[', '}', ']', ',', '%', '%ff', '\\u0000', '\\ud800', 'null', '1e999', '-0', '\r\n'),
  ),
});

/** `text` with a few places cut out, overwritten or filled in. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.array(damage, { minLength: 1, maxLength: 4 })).map(([whole, all]) =>
    all.reduce((spoilt, { at, length, insert }) => {
      const start = Math.floor(at * spoilt.length);
      return spoilt.slice(0, start) + insert + spoilt.slice(start + length);
    }, whole),
  );
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, undefined, [], {}, -1, 2 ** 53, '', '__proto__', { Ref: 'nowhere' }, { 'Fn::GetAtt': ['a'] }),
);

/** A JSON value in which something at a random depth is replaced, or taken away with undefined. */
export function withOddPart(value: unknown): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }), odd)
    .map(([path, replacement]) => replaceAt(value, path, replacement));
}

function replaceAt(value: unknown, [first, ...rest]: readonly number[], replacement: unknown): unknown {
  if (typeof value !== 'object' || value === null || first === undefined) return replacement;
  const names = Object.keys(value);
  const name = names[first % Math.max(names.length, 1)];
  if (name === undefined) return replacement;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[name] = replaceAt(copy[name], rest, replacement);
  return copy;
}
