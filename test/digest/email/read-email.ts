import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;

/** Elements that begin a line of their own where an email uses them. */
const BLOCKS = new Set(['p', 'h1', 'h2', 'td', 'br', 'strong']);
/** What a reader does not see as text. */
const UNSEEN = new Set(['head', 'style', 'title']);

/** The lines that a reader of the HTML sees, read by an HTML parser that is not ours. */
export function htmlLines(source: string): string[] {
  const lines: string[] = [''];
  const walk = (node: Node) => {
    if (UNSEEN.has(node.nodeName)) return;
    if (BLOCKS.has(node.nodeName)) lines.push('');
    if ('value' in node) lines.push(`${lines.pop()}${node.value}`);
    if ('childNodes' in node) node.childNodes.forEach(walk);
    if (BLOCKS.has(node.nodeName)) lines.push('');
  };
  walk(parse(source));
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** Every element of the HTML, by name, with its attributes. */
export function htmlElements(
  source: string,
): { readonly name: string; readonly attributes: ReadonlyMap<string, string> }[] {
  const found: { name: string; attributes: ReadonlyMap<string, string> }[] = [];
  const walk = (node: Node) => {
    if ('attrs' in node) {
      found.push({ name: node.nodeName, attributes: new Map(node.attrs.map(({ name, value }) => [name, value])) });
    }
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(source));
  return found;
}

/** The words of a part, sorted: what it says, wherever it says it. Bars, rules and marks of notices are no words. */
export function words(text: string): string[] {
  return text
    .replace(/^[█░]+/gm, '')
    .replace(/^(-{3,}|!)(?=\s)/gm, '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .sort();
}
