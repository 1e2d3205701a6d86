// A copy of an element that loads, and shows nothing yet.
import type { Plan } from './plan.js'
import { settle } from './settle.js'

/** The copy, behind the element, and when it has loaded. */
export function putAside<E extends Element> (element: E, attributes: Record<string, string>, { undos }: Plan, patience?: number): [E, Promise<unknown>] {
  const next = element.cloneNode() as E
  // The content is another one, so its hash is too.
  next.removeAttribute('integrity')
  for (const [name, value] of Object.entries(attributes)) next.setAttribute(name, value)
  const loaded = settle(next, patience)
  element.after(next)
  undos.push(() => next.remove())
  return [next, loaded]
}
