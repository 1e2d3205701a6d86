// What was written into editable elements: as a tree, never as HTML text, and nothing in it that could run.
import type { Keeper } from './keeper.js'

type Leaf = string
interface Branch { readonly tag: string, readonly attributes: readonly (readonly [string, string])[], readonly children: readonly Tree[] }
type Tree = Leaf | Branch

const ACTIVE = /^(script|style|iframe|object|embed|link|meta|base|form|template)$/
const RUNS = /^(on|srcdoc$|style$|formaction$)/

function read (node: Node): Tree[] {
  return [...node.childNodes].flatMap((child): Tree[] => {
    if (child instanceof Text) return [child.data]
    if (!(child instanceof HTMLElement) || ACTIVE.test(child.localName)) return []
    const attributes = [...child.attributes].filter(({ name, value }) => !RUNS.test(name) && !/^\s*javascript:/i.test(value)).map(({ name, value }) => [name, value] as const)
    return [{ tag: child.localName, attributes: child.style.cssText ? [...attributes, ['style', child.style.cssText]] : attributes, children: read(child) }]
  })
}

function write (tree: Tree): Node {
  if (typeof tree === 'string') return new Text(tree)
  const element = Document.prototype.createElement.call(document, tree.tag)
  for (const [name, value] of tree.attributes) {
    // By the object model, which no policy forbids.
    if (name === 'style') element.style.cssText = value
    else element.setAttribute(name, value)
  }
  element.append(...tree.children.map(write))
  return element
}

/** `written`: elements somebody typed into. Others show what the page says. */
export const createEditables = (written: ReadonlySet<EventTarget>): Keeper<HTMLElement, readonly Tree[]> => ({
  of: '*',
  take: element => element.isContentEditable && written.has(element) ? read(element) : undefined,
  put (element, trees) {
    // The parser would add what the page says.
    if (document.readyState === 'loading') return false
    if (element.isContentEditable) element.replaceChildren(...trees.map(write))
    return true
  }
})
