// Keeps what was typed into editable elements: as a tree instead of HTML text, and without anything that could run.
import type { Keeper } from './keeper.js'

type Attribute = readonly [name: string, value: string, namespace: string | null]
/** SVG and MathML have namespaces of their own. */
type Tree = string | readonly [tag: string, attributes: readonly Attribute[], children: readonly Tree[], namespace: string | null]

const ACTIVE_ELEMENT = /^(script|style|iframe|object|embed|link|meta|base)$/
const ACTIVE_ATTRIBUTE = /^(on|[^=]*=\s*javascript:)/i

const read = (parent: Node): Tree[] => [...parent.childNodes].flatMap((node): Tree[] => {
  if (node instanceof Text) return [node.data]
  if (!(node instanceof Element) || ACTIVE_ELEMENT.test(node.localName)) return []
  return [[node.localName, [...node.attributes].map(({ name, value, namespaceURI }): Attribute => [name, value, namespaceURI]).filter(attribute => !ACTIVE_ATTRIBUTE.test(attribute.join('='))), read(node), node.namespaceURI]]
})

function write (tree: Tree): Node | string {
  if (typeof tree === 'string') return tree
  const [tag, attributes, children, namespace] = tree
  const element = Document.prototype.createElementNS.call(document, namespace, tag) as HTMLElement
  for (const [name, value, space] of attributes) {
    // Policies may forbid the attribute `style`, but not this.
    if (name === 'style') element.style.cssText = value
    else element.setAttributeNS(space, name, value)
  }
  element.append(...children.map(write))
  return element
}

/** Only elements that the user typed into: the others show what the page says now. */
export const editables: Keeper<HTMLElement, readonly Tree[]> = {
  selector: '*',
  read: (element, typed) => typed && element.isContentEditable ? read(element) : undefined,
  restore (element, trees) {
    // The parser would append what the page says. And the page may make the element editable later.
    if (document.readyState === 'loading' || !element.isContentEditable) return true
    element.replaceChildren(...trees.map(write))
  }
}
