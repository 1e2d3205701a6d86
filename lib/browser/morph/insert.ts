// New nodes, made for this page, with the trees that their HTML declares.
import { has, isElement, select, SHADOW, shadowOf } from './nodes.js'

const importNode = <N extends Node>(node: N): N => Document.prototype.importNode.call(document, node, true) as N

/** Elements that run their own script when they are made: it would meet a tree that is not there yet. */
export function isOwnMaster (node: Node): boolean {
  return isElement(node) && [node, ...select<Element>(node, '*')].some(element => element.localName.includes('-') && shadowOf(element))
}

export function make<N extends Node> (node: N): N {
  const made = importNode(node)
  if (has(made, SHADOW)) declare(made)
  return made
}

/** What the parser would have done. */
function declare (root: Node): void {
  for (const template of select<HTMLTemplateElement>(root, SHADOW)) {
    const mode = template.getAttribute('shadowrootmode') as ShadowRootMode
    const shadow = template.parentElement?.attachShadow({ mode, delegatesFocus: template.hasAttribute('shadowrootdelegatesfocus') })
    shadow?.append(template.content)
    template.remove()
    if (shadow) declare(shadow)
  }
}
