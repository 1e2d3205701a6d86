// Loads a copy of an element that shows nothing yet.
import { whenLoaded } from './load-element.js'
import type { Plan } from './plan.js'

/** Inserts the copy behind the element. Returns it and a promise that settles when it has loaded. */
export function loadAside<E extends Element> (element: E, attributes: Record<string, string>, { undos }: Plan, timeout?: number): [E, Promise<unknown>] {
  const copy = element.cloneNode() as E
  // The hash is that of the old content.
  copy.removeAttribute('integrity')
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value)
  const loaded = whenLoaded(copy, timeout)
  element.after(copy)
  undos.push(() => copy.remove())
  return [copy, loaded]
}
