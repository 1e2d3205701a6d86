// Merges the difference between the old and the new HTML into the live page. What is the same in both stays, whatever scripts have made of it.
import { align } from './align.js'
import { mergeAttributes } from './attributes.js'
import { create, declaresCustomShadow } from './insert.js'
import { childrenOf, has, isElement, isSame, select, shadowOf, SHEET } from './nodes.js'
import { isPlain, pairUp, rearrange } from './rearrange.js'
import type { EditPlan } from './edit-plan.js'

/** Elements that a browser acts on only once, while it parses the page. */
const ONCE = 'script, base, meta[http-equiv], meta[charset], object, embed, frameset'
const MEDIA_CHILD = 'audio > *, video > *'

type Tree = Element | DocumentFragment

export function merge (live: Element, was: Element, now: Element, plan: EditPlan): void {
  if (isSame(was, now) || was.localName === 'noscript') return
  if (was.matches(ONCE) || now.matches(ONCE) || was.matches(MEDIA_CHILD)) return plan.refuse(`<${was.localName}> has changed`)
  mergeAttributes(live, was, now, plan)
  mergeShadow(live, was, now, plan)
  if (live instanceof HTMLTemplateElement) mergeChildren(live.content, (was as HTMLTemplateElement).content, (now as HTMLTemplateElement).content, plan)
  else mergeChildren(live, was, now, plan)
}

function mergeShadow (live: Element, was: Element, now: Element, plan: EditPlan): void {
  const [before, after] = [shadowOf(was), shadowOf(now)]
  if (before && after ? isSame(before, after) : before === after) return
  if (!before || !after || !live.shadowRoot || !before.cloneNode().isEqualNode(after.cloneNode())) return plan.refuse(`the shadow tree of <${live.localName}> has changed`)
  mergeChildren(live.shadowRoot, before.content, after.content, plan)
}

function mergeChildren (live: Tree, was: Tree, now: Tree, plan: EditPlan): void {
  const { add, refuse } = plan
  const [oldNodes, newNodes] = [childrenOf(was), childrenOf(now)]
  if (oldNodes.length === newNodes.length && oldNodes.every((old, i) => isSame(old, newNodes[i] as ChildNode))) return
  if (isElement(live) && customElements.get(live.localName) && !live.shadowRoot) return refuse(`<${live.localName}> may have read what it holds`)
  const liveNodes = align(oldNodes, [...live.childNodes])
  const kept = align(newNodes, oldNodes)
  const stay = new Set(kept.values())
  const removed = oldNodes.filter(old => !stay.has(old))
  const added = newNodes.filter(node => !kept.has(node))
  if ([...removed, ...added].some(node => has(node, ONCE))) return refuse('a script or another element that is read only once was added or removed')
  if (isElement(live) && live.localName !== 'head' && haveMoved(removed, added)) return mergeMoved(live, was, now as Element, plan)

  for (const node of removed) {
    const old = liveNodes.get(node)
    if (old && has(old, SHEET)) plan.oldSheets.push(old)
    else if (old) add(() => old.remove())
  }
  let last: ChildNode | undefined
  for (const node of newNodes) {
    const old = kept.get(node)
    if (old) {
      const found = liveNodes.get(old)
      mergeNode(found, old, node, plan)
      last = found ?? last
    } else {
      last = insertAfter(node, live, last, plan)
    }
  }
}

function mergeNode (live: Node | undefined, was: Node, now: Node, plan: EditPlan): void {
  if (isSame(was, now)) return
  if (!live) return plan.refuse(`a script has taken out <${was.nodeName.toLowerCase()}>, which has changed, or it differs with each answer`)
  if (isElement(live)) return merge(live, was as Element, now as Element, plan)
  if (live.nodeValue === was.nodeValue || live.nodeType === Node.COMMENT_NODE) plan.add(() => { live.nodeValue = now.nodeValue })
  else if (live.nodeValue !== now.nodeValue) plan.refuse('a script has written where the text has changed, or it differs with each answer')
}

/** Plans to insert a new node behind `last`, or at the front. */
function insertAfter (node: Node, live: Tree, last: ChildNode | undefined, { add, refuse, newSheets }: EditPlan): ChildNode {
  if (declaresCustomShadow(node)) refuse('a new custom element declares a shadow tree')
  const created = create(node) as ChildNode
  if (has(created, SHEET)) newSheets.push(...[created as Element, ...select(created, SHEET)].filter((link): link is HTMLLinkElement => link.matches(SHEET)))
  add(() => last ? last.after(created) : live.prepend(created))
  return created
}

/** Whether an element with an id was removed in one place and added in another. */
function haveMoved (removed: readonly Node[], added: readonly Node[]): boolean {
  const idsOf = (nodes: readonly Node[]) => nodes.filter(isElement).flatMap(node => [node, ...select<Element>(node, '[id]')].map(({ id }) => id).filter(Boolean))
  const ids = new Set(idsOf(removed))
  return idsOf(added).some(id => ids.has(id))
}

function mergeMoved (live: Element, was: Tree, now: Element, { add, refuse }: EditPlan): void {
  const pairs = pairUp(live, was)
  if (!pairs || has(now, `${ONCE}, ${MEDIA_CHILD}, [shadowrootmode]`)) return refuse('elements have moved among nodes that scripts have changed')
  if (!isPlain(live, was, now)) return refuse('custom elements, handlers, frames with a document or sheets have moved')
  add(() => rearrange(live, now, pairs))
}
