// What was written into editable elements: as a tree, never as HTML text, and nothing in it that could run.
import type { Keeper } from './keeper.js'

type Tree = string | readonly [tag: string, attributes: readonly (readonly [name: string, value: string])[], children: readonly Tree[]]

const ACTIVE = /^(script|style|iframe|object|embed|link|meta|base)$/
const RUNS = /^(on|[^=]*=\s*javascript:)/i

const read = (parent: Node): Tree[] => [...parent.childNodes].flatMap((node): Tree[] => {
  if (node instanceof Text) return [node.data]
  if (!(node instanceof HTMLElement) || ACTIVE.test(node.localName)) return []
  return [[node.localName, [...node.attributes].filter(({ name, value }) => !RUNS.test(`${name}=${value}`)).map(({ name, value }) => [name, value]), read(node)]]
})

function write (tree: Tree): Node | string {
  if (typeof tree === 'string') return tree
  const [tag, attributes, children] = tree
  const element = Document.prototype.createElement.call(document, tag)
  for (const [name, value] of attributes) {
    // By the object model, which no policy forbids.
    if (name === 'style') element.style.cssText = value
    else element.setAttribute(name, value)
  }
  element.append(...children.map(write))
  return element
}

/** Where nobody typed an element shows what the page says. */
export const editables: Keeper<HTMLElement, readonly Tree[]> = {
  of: '*',
  take: (element, typed) => typed && element.isContentEditable ? read(element) : undefined,
  put (element, trees) {
    // The parser would add what the page says. And an editor of the page may still be on its way.
    if (document.readyState === 'loading' || !element.isContentEditable) return true
    element.replaceChildren(...trees.map(write))
  }
}
