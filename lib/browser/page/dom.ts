// Creates our own elements, in a shadow tree that styles of the page do not reach. Never from HTML text: messages of builders are untrusted.

export type Make = typeof make
export type CreateIsland = typeof createIsland

/** Elements named `createElement` or `querySelector` hide the document's own methods. */
export function make<K extends keyof HTMLElementTagNameMap> (tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = Document.prototype.createElement.call(document, tag) as HTMLElementTagNameMap[K]
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Creates an element with a closed shadow tree. Returns a function that inserts it, also after the page has removed it. No policy forbids constructed style sheets. */
export function createIsland (name: string, css: string, ...children: Node[]): () => void {
  const host = make(name as 'div')
  const tree = host.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  tree.adoptedStyleSheets = [sheet]
  tree.append(...children)
  return () => {
    if (!host.isConnected) Document.prototype.querySelector.call(document, ':root')?.append(host)
  }
}
