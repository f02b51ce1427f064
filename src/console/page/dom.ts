/** What an element may hold. Texts become text nodes, whatever stands in them. */
export type Child = Node | string | number | false | undefined | readonly Child[];

type Listeners = { readonly [Name in `on${string}`]?: (event: never) => void };

/** Attributes; `false` and `undefined` leave one out, `true` sets it without a value. `on...` adds a listener. */
export type Attributes = Readonly<Record<string, unknown>> & Listeners;

/**
 * Makes an element. The one place where the page makes markup: nothing here, and nothing anywhere else, takes text for markup.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...nodesOf(children));
  return made;
}

/** Replaces whatever `parent` holds. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...nodesOf(children));
}

/** Sets the text of an element, and touches the page only where it differs. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child): (Node | string)[] => {
    if (child === false || child === undefined) return [];
    if (Array.isArray(child)) return nodesOf(child);
    return [typeof child === 'number' ? String(child) : (child as Node | string)];
  });
}
