// Where named elements have moved: idiomorph finds them by their ids, and takes them along with all that is in them.
import { Idiomorph } from 'idiomorph'
import { FIXED } from './attributes.js'
import { isElement, isSame, select, SHEET } from './nodes.js'

/** What people set, and what it is without them. */
const STANDARDS: Record<string, string> = { value: 'defaultValue', checked: 'defaultChecked', selected: 'defaultSelected' }

/** Each node of the page with the one it was made from, when scripts have added and taken nothing. */
export function pairUp (live: Node, was: Node, pairs = new Map<Node, Node>()): ReadonlyMap<Node, Node> | undefined {
  const [now, then] = [[...live.childNodes], [...was.childNodes]]
  if (live.nodeName !== was.nodeName || live.nodeValue !== was.nodeValue) return undefined
  pairs.set(live, was)
  // Its content is text where scripts run.
  if (live.nodeName === 'NOSCRIPT') return pairs
  return now.length === then.length && now.every((child, i) => pairUp(child, then[i] as Node, pairs)) ? pairs : undefined
}

/** Nothing in it runs, is told of it or has to load when it moves or comes. */
export function isPlain (live: Element, was: Node, now: Element): boolean {
  const sheetsOf = (tree: Node) => select(tree, SHEET).map(({ outerHTML }) => outerHTML).join()
  const own = (element: Element) => !!customElements.get(element.localName) || element.getAttributeNames().some(name => FIXED.test(name))
  return sheetsOf(was) === sheetsOf(now) && ![live, now].some(tree => [tree, ...select<Element>(tree, '*')].some(own))
}

export function rearrange (live: Element, now: Element, pairs: ReadonlyMap<Node, Node>): void {
  let was: Node | undefined
  let fresh: Node = now
  Idiomorph.morph(live, now.cloneNode(true), {
    morphStyle: 'outerHTML',
    callbacks: {
      beforeNodeMorphed (old, next) {
        was = pairs.get(old)
        fresh = next
        return old.nodeName !== 'NOSCRIPT' && !(was && isSame(was, next))
      },
      // What the HTML did not change is as people and scripts left it.
      beforeAttributeUpdated: (name, element) =>
        !was || !isElement(was) || !isElement(fresh) || (was.getAttribute(name) !== fresh.getAttribute(name) && !isSet(element as Element & Record<string, unknown>, name))
    }
  })
}

function isSet (element: Element & Record<string, unknown>, name: string): boolean {
  const standard = STANDARDS[name]
  return standard !== undefined && standard in element && element[name] !== element[standard]
}
