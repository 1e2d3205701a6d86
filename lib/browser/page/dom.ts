// Creates our own elements, in a shadow tree that styles of the page do not reach. Never from HTML text: messages of builders are untrusted.

// Elements named `createElement` or `querySelector` hide the document's own methods.
const { createElement, querySelector } = Document.prototype

export type Make = typeof make
export type CreateIsland = typeof createIsland

export function make<K extends keyof HTMLElementTagNameMap> (tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = createElement.call(document, tag) as HTMLElementTagNameMap[K]
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Creates an element with a closed shadow tree. Returns a function that inserts it, also after the page has removed it. No policy forbids constructed style sheets. */
export function createIsland (name: string, css: string, ...children: Node[]): () => void {
  const host = createElement.call(document, name)
  const tree = host.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  tree.adoptedStyleSheets = [sheet]
  tree.append(...children)
  return () => {
    if (!host.isConnected) querySelector.call(document, ':root')?.append(host)
  }
}
