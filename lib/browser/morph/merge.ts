// From what a part of the page was made from to what it is made from now. What is the same in both is left alone, whatever became of it in the page.
import { align } from './align.js'
import { mergeAttributes } from './attributes.js'
import { isOwnMaster, make } from './insert.js'
import { childrenOf, has, isElement, isSame, select, shadowOf, SHEET } from './nodes.js'
import { isPlain, pairUp, rearrange } from './rearrange.js'
import type { Sketch } from './sketch.js'

/** What a browser acts on once, while it reads the page. */
const ONCE = 'script, base, meta[http-equiv], meta[charset], object, embed, frameset'
const OF_MEDIA = 'audio > *, video > *'

type Tree = Element | DocumentFragment

export function merge (live: Element, was: Element, now: Element, sketch: Sketch): void {
  if (isSame(was, now) || was.localName === 'noscript') return
  if (was.matches(ONCE) || now.matches(ONCE) || was.matches(OF_MEDIA)) return sketch.refuse(`<${was.localName}> has changed`)
  mergeAttributes(live, was, now, sketch)
  mergeShadow(live, was, now, sketch)
  if (live instanceof HTMLTemplateElement) mergeChildren(live.content, (was as HTMLTemplateElement).content, (now as HTMLTemplateElement).content, sketch)
  else mergeChildren(live, was, now, sketch)
}

function mergeShadow (live: Element, was: Element, now: Element, sketch: Sketch): void {
  const [before, after] = [shadowOf(was), shadowOf(now)]
  if (before && after ? isSame(before, after) : before === after) return
  if (!before || !after || !live.shadowRoot || !before.cloneNode().isEqualNode(after.cloneNode())) return sketch.refuse(`the shadow tree of <${live.localName}> has changed`)
  mergeChildren(live.shadowRoot, before.content, after.content, sketch)
}

function mergeChildren (live: Tree, was: Tree, now: Tree, sketch: Sketch): void {
  const { add, refuse } = sketch
  const [olds, news] = [childrenOf(was), childrenOf(now)]
  if (olds.length === news.length && olds.every((old, i) => isSame(old, news[i] as ChildNode))) return
  if (isElement(live) && customElements.get(live.localName) && !live.shadowRoot) return refuse(`<${live.localName}> may have read what it holds`)
  const there = align(olds, [...live.childNodes])
  const kept = align(news, olds)
  const stay = new Set(kept.values())
  const gone = olds.filter(old => !stay.has(old))
  const come = news.filter(node => !kept.has(node))
  if ([...gone, ...come].some(node => has(node, ONCE))) return refuse('what is read once has come or gone')
  if (isElement(live) && live.localName !== 'head' && haveMoved(gone, come)) return mergeMoved(live, was, now as Element, sketch)

  for (const node of gone) {
    const old = there.get(node)
    if (old && has(old, SHEET)) sketch.leaving.push(old)
    else if (old) add(() => old.remove())
  }
  let last: ChildNode | undefined
  for (const node of news) {
    const old = kept.get(node)
    if (old) {
      const found = there.get(old)
      mergeNode(found, old, node, sketch)
      last = found ?? last
    } else {
      last = place(node, live, last, sketch)
    }
  }
}

function mergeNode (live: Node | undefined, was: Node, now: Node, sketch: Sketch): void {
  if (isSame(was, now)) return
  if (!live) return sketch.refuse(`a script has taken out <${was.nodeName.toLowerCase()}>, which has changed, or it differs with each answer`)
  if (isElement(live)) return merge(live, was as Element, now as Element, sketch)
  if (live.nodeValue === was.nodeValue || live.nodeType === Node.COMMENT_NODE) sketch.add(() => { live.nodeValue = now.nodeValue })
  else if (live.nodeValue !== now.nodeValue) sketch.refuse('a script has written where the text has changed, or it differs with each answer')
}

/** Behind `last`, which is there by then. */
function place (node: Node, live: Tree, last: ChildNode | undefined, { add, refuse, coming }: Sketch): ChildNode {
  if (isOwnMaster(node)) refuse('a new custom element declares a shadow tree')
  const made = make(node) as ChildNode
  if (has(made, SHEET)) coming.push(...[made as Element, ...select(made, SHEET)].filter((one): one is HTMLLinkElement => one.matches(SHEET)))
  add(() => last ? last.after(made) : live.prepend(made))
  return made
}

function haveMoved (gone: readonly Node[], come: readonly Node[]): boolean {
  const idsOf = (nodes: readonly Node[]) => nodes.filter(isElement).flatMap(node => [node, ...select<Element>(node, '[id]')].map(({ id }) => id).filter(Boolean))
  const ids = new Set(idsOf(gone))
  return idsOf(come).some(id => ids.has(id))
}

function mergeMoved (live: Element, was: Tree, now: Element, { add, refuse }: Sketch): void {
  const pairs = pairUp(live, was)
  if (!pairs || has(now, `${ONCE}, ${OF_MEDIA}, [shadowrootmode]`)) return refuse('what has moved can not be told from what scripts made')
  if (!isPlain(live, was, now)) return refuse('custom elements, handlers, frames with a document or sheets have moved')
  add(() => rearrange(live, now, pairs))
}
