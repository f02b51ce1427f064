/** An error class as the SDK's generator writes it: a name, whose fault it is, and fields that are copied from the options. */
const GENERATED = new RegExp(
  [
    String.raw`export class (\w+) extends __BaseException \{`,
    String.raw`static shapeId = "com\.amazonaws\.dynamodb#\1";`,
    String.raw`name = "\1";`,
    String.raw`\$fault = "(client|server)";`,
    String.raw`(?:\w+;\s+)*constructor\(opts\) \{`,
    String.raw`super\(\{`,
    String.raw`name: "\1",`,
    String.raw`\$fault: "\2",`,
    String.raw`\.\.\.opts,`,
    String.raw`\}\);`,
    String.raw`Object\.setPrototypeOf\(this, \1\.prototype\);((?:\s+this\.\w+ = opts\.\w+;)*)`,
    String.raw`\}`,
    String.raw`\}`,
  ].join(String.raw`\s+`),
  'g',
);

/** What all those classes do, once. Their base makes itself the prototype. */
const MAKER = `
function plainError(name, $fault, ...fields) {
  return class extends __BaseException {
    static shapeId = 'com.amazonaws.dynamodb#' + name;
    name = name;
    $fault = $fault;
    constructor(opts) {
      super({ name, $fault, ...opts });
      Object.setPrototypeOf(this, new.target.prototype);
      for (const field of fields) this[field] = opts[field];
    }
  };
}`;

/**
 * Writes the DynamoDB client's error classes in a quarter of the bytes. All of them are registered when the client loads, so that none can
 * be shaken off, though the consumer meets only a few. Classes of any other form are left as they are.
 */
export function toPlainErrors(source: string): string {
  const classes = source.replace(GENERATED, (_, name: string, fault: string, copies: string) => {
    const fields = [...copies.matchAll(/this\.(\w+) = opts\.\w+;/g)].map(([, field]) => field);
    return `export const ${name} = plainError(${[name, fault, ...fields].map((text) => `'${text}'`).join(', ')});`;
  });
  return classes + MAKER;
}
