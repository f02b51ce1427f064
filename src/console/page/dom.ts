/** What an element may hold. Texts become text nodes, whatever is in them. */
export type Child = Node | string | number | false | undefined | readonly Child[];

type Tag = keyof HTMLElementTagNameMap;

type Selector = Tag | `${Tag}.${string}`;

type ElementOf<Name extends Selector> = HTMLElementTagNameMap[Name extends `${infer Before extends Tag}.${string}`
  ? Before
  : Name extends Tag
    ? Name
    : never];

/** `false` and `undefined` leave an attribute out, `true` sets it without a value. `on...` adds a listener. */
type Attributes = Readonly<Record<string, unknown>> & { readonly [Name in `on${string}`]?: (event: never) => void };

/**
 * Makes an element: `element('p.note', { role: 'status' }, 'Searching ...')`. The only place where the page makes
 * markup: nothing here, and nothing anywhere else, takes text for markup.
 *
 * @param selector The tag, then its classes.
 */
export function element<Name extends Selector>(
  selector: Name,
  attributes: Attributes,
  ...children: Child[]
): ElementOf<Name>;
export function element<Name extends Selector>(selector: Name, ...children: Child[]): ElementOf<Name>;
export function element(selector: string, ...parts: (Attributes | Child)[]): HTMLElement {
  const [tag = '', ...classes] = selector.split('.');
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(' ');
  const [first] = parts;
  const hasAttributes = typeof first === 'object' && !(first instanceof Node) && !Array.isArray(first);
  for (const [name, value] of hasAttributes ? Object.entries(first) : []) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...toNodes((hasAttributes ? parts.slice(1) : parts) as Child[]));
  return made;
}

/** Replaces the content of `parent`. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...toNodes(children));
}

/** Sets the text of an element, and touches the page only where it differs. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Says in the status line of a view how far it is; an error stands out. */
export function setStatus(line: Element, text: string, isError = false): void {
  line.classList.toggle('error', isError);
  setText(line, text);
}

/** A button that submits nothing. */
export function button(label: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', onclick, ...attributes }, label);
}

/** Milliseconds for which a button says that it copied. */
const COPIED_MS = 1500;

/** A button that copies `text`. Hidden where the browser lets no page copy: without TLS, on another machine. */
export function copyButton(label: string, text: string): HTMLButtonElement {
  const copy = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setText(made, isCopied ? 'Copied' : 'Not allowed');
    setTimeout(() => setText(made, label), COPIED_MS);
  };
  const made = button(label, () => void copy(), { class: 'copy', hidden: navigator.clipboard === undefined });
  return made;
}

export function list(items: readonly Child[]): HTMLUListElement {
  return element(
    'ul',
    items.map((item) => element('li', item)),
  );
}

/** The head of a table. @param columns Titles, or titles with the class of their column. */
export function tableHead(...columns: (string | readonly [title: string, className: string])[]): HTMLElement {
  const cells = columns.map((column) => {
    const [title, className] = typeof column === 'string' ? [column] : column;
    return element('th', { scope: 'col', class: className }, title);
  });
  return element('thead', element('tr', cells));
}

function toNodes(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === false || child === undefined) return [];
    if (Array.isArray(child)) return toNodes(child);
    return [typeof child === 'number' ? String(child) : (child as Node | string)];
  });
}
