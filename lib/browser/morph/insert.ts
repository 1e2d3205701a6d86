// Creates new nodes for this page, with the shadow trees that their HTML declares.
import { has, isElement, select, SHADOW, shadowOf } from './nodes.js'

const importNode = <N extends Node>(node: N): N => Document.prototype.importNode.call(document, node, true) as N

/** Whether the node contains a custom element with a declared shadow tree. Its constructor would run before we attach the tree. */
export function declaresCustomShadow (node: Node): boolean {
  return isElement(node) && [node, ...select<Element>(node, '*')].some(element => element.localName.includes('-') && shadowOf(element))
}

export function create<N extends Node> (node: N): N {
  const created = importNode(node)
  if (has(created, SHADOW)) attachShadows(created)
  return created
}

/** Does what the parser would have done. */
function attachShadows (root: Node): void {
  for (const template of select<HTMLTemplateElement>(root, SHADOW)) {
    const mode = template.getAttribute('shadowrootmode') as ShadowRootMode
    const shadow = template.parentElement?.attachShadow({ mode, delegatesFocus: template.hasAttribute('shadowrootdelegatesfocus') })
    shadow?.append(template.content)
    template.remove()
    if (shadow) attachShadows(shadow)
  }
}
