// Moves elements with ids: idiomorph finds them and keeps them with everything inside.
import { Idiomorph } from 'idiomorph'
import { FIXED } from './attributes.js'
import { isElement, isSame, select, SHEET } from './nodes.js'

/** Properties that the user sets, and their default values. */
const DEFAULTS: Record<string, string> = { value: 'defaultValue', checked: 'defaultChecked', selected: 'defaultSelected' }

/** Maps each live node to the node of the HTML it was made from; `undefined` when scripts have added or removed nodes. */
export function pairUp (live: Node, was: Node, pairs = new Map<Node, Node>()): ReadonlyMap<Node, Node> | undefined {
  const [now, then] = [[...live.childNodes], [...was.childNodes]]
  if (live.nodeName !== was.nodeName || live.nodeValue !== was.nodeValue) return undefined
  pairs.set(live, was)
  // Where scripts run its content is text.
  if (live.nodeName === 'NOSCRIPT') return pairs
  return now.length === then.length && now.every((child, i) => pairUp(child, then[i] as Node, pairs)) ? pairs : undefined
}

/** Whether nodes can move without effects: nothing in them runs, observes the move or has to load. */
export function isPlain (live: Element, was: Node, now: Element): boolean {
  const sheetsOf = (tree: Node) => select(tree, SHEET).map(({ outerHTML }) => outerHTML).join()
  const hasEffects = (element: Element) => !!customElements.get(element.localName) || element.getAttributeNames().some(name => FIXED.test(name))
  return sheetsOf(was) === sheetsOf(now) && ![live, now].some(tree => [tree, ...select<Element>(tree, '*')].some(hasEffects))
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
      // Attributes that the HTML did not change stay as the user and scripts left them.
      beforeAttributeUpdated: (name, element) =>
        !was || !isElement(was) || !isElement(fresh) || (was.getAttribute(name) !== fresh.getAttribute(name) && !isUserSet(element as Element & Record<string, unknown>, name))
    }
  })
}

function isUserSet (element: Element & Record<string, unknown>, name: string): boolean {
  const property = DEFAULTS[name]
  return property !== undefined && property in element && element[name] !== element[property]
}
