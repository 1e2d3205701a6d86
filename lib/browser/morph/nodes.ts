// Questions to nodes, asked so that elements named like a method cannot break them.

/** `<form name="querySelectorAll">` hides the document's own method. */
export function select<E extends Element = HTMLElement> (root: Node, selector: string): E[] {
  const { querySelectorAll } = (root.nodeType === Node.DOCUMENT_NODE ? Document : root.nodeType === Node.ELEMENT_NODE ? Element : DocumentFragment).prototype
  return [...querySelectorAll.call(root, selector)] as E[]
}

export const isElement = (node: Node): node is Element => node.nodeType === Node.ELEMENT_NODE

/** The root, the head or the body. */
export function partOf (document: Document, name: 'html' | 'head' | 'body'): Element | undefined {
  const [root] = select<Element>(document, ':root')
  return name === 'html' ? root : [...root?.children ?? []].find(({ localName }) => localName === name)
}

/** The content of a template is not among its children, and not every browser compares it. */
export function isSame (a: Node, b: Node): boolean {
  if (!a.isEqualNode(b)) return false
  return !has(a, 'template') || outerOf(a) === outerOf(b)
}

/** Whether the node itself or an element in it matches. */
export function has (node: Node, selector: string): boolean {
  return (isElement(node) && node.matches(selector)) || ('children' in node && select(node, selector).length > 0)
}

const outerOf = (node: Node) => (isElement(node) ? node : partOf(node as Document, 'html'))?.outerHTML

export const SHADOW = 'template[shadowrootmode]'
export const SHEET = 'link[rel~=stylesheet i][href]'

/** Children as the live page has them: without declared shadow trees. */
export function childrenOf (node: Node): ChildNode[] {
  return ([...node.childNodes] as ChildNode[]).filter(child => !isElement(child) || !child.matches(SHADOW))
}

export function shadowOf (element: Element): HTMLTemplateElement | undefined {
  return [...element.children].find((child): child is HTMLTemplateElement => child.matches(SHADOW))
}
