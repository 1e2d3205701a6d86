// Elements of our own, in a tree the page's styles do not reach. Never by HTML text: messages of builders are anybody's text.

/** Elements named `createElement` or `documentElement` hide the document's own properties. */
const { createElement, querySelector } = Document.prototype

export type Make = typeof make
export type CreateIsland = typeof createIsland

export function make<K extends keyof HTMLElementTagNameMap> (tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = createElement.call(document, tag) as HTMLElementTagNameMap[K]
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** An element with a closed tree. What comes back puts it (back) into the page, whatever the page did to it. Constructed styles need no permission of a policy. */
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
