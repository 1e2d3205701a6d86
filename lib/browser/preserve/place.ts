// Where an element is, so that it is found again in the next document: by id or name, else by its way down the tree.
import { all } from '../update/places.js'

type Root = Document | ShadowRoot
/** The how-many-eth of those that match. */
type Step = readonly [selector: string, number: number]

interface Way {
  /** An element with an id or a name; absent: the root of the tree. */
  readonly from: Step | undefined
  /** Tags, each counted among its siblings of the same tag. */
  readonly down: readonly Step[]
}

/** One way for each tree: the document, then open shadow trees. */
export type Place = readonly Way[]

export const ROOT: Place = [{ from: undefined, down: [['html', 0]] }]

const select = (root: Root, selector: string) => [...all(root, selector)]
const sameTag = (parent: ParentNode, tag: string) => [...parent.children].filter(({ localName }) => localName === tag)

/** Every element of the page it matches, those in open shadow trees as well. */
export function everyElement (selector: string, root: Root = document): Element[] {
  return [...all(root, selector), ...select(root, '*').flatMap(({ shadowRoot }) => shadowRoot ? everyElement(selector, shadowRoot) : [])]
}

function selectorOf (element: Element, named: boolean): string | undefined {
  const attribute = (name: string) => {
    const value = element.getAttribute(name)
    return value ? `[${name}="${CSS.escape(value)}"]` : ''
  }
  const known = attribute('id') || (named && attribute('name'))
  // Boxes of one group have one name.
  return known ? element.localName + known + (/^(radio|checkbox)$/.test(element.getAttribute('type') ?? '') ? attribute('value') : '') : undefined
}

export function placeOf (element: Element): Place {
  const root = element.getRootNode() as Root
  const outer = root instanceof ShadowRoot ? placeOf(root.host) : []
  const down: Step[] = []
  for (let node: Element | null = element; node; node = node.parentElement) {
    const selector = selectorOf(node, node === element)
    if (selector) return [...outer, { from: [selector, select(root, selector).indexOf(node)], down }]
    down.unshift([node.localName, node.parentNode ? sameTag(node.parentNode as ParentNode & Node, node.localName).indexOf(node) : 0])
  }
  return [...outer, { from: undefined, down }]
}

export function elementAt (place: Place): Element | undefined {
  let root: Root | null = document
  let element: Element | undefined
  for (const { from, down } of place) {
    if (!root) return undefined
    let node: ParentNode | undefined = from ? select(root, from[0])[from[1]] : root
    for (const [tag, number] of down) node &&= sameTag(node, tag)[number]
    element = node as Element | undefined
    root = element?.shadowRoot ?? null
  }
  return element
}
