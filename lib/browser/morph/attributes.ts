// Merges attributes: changes of the HTML are applied, changes by scripts and the user stay.
import { withoutStamp } from '../update/freshen.js'
import type { EditPlan } from './edit-plan.js'

/** Attributes with code, and attributes that the browser reads only once. */
export const FIXED = /^on|^srcdoc$|^is$/
/** Attributes that the browser itself acts on. */
const PRESENTATIONAL = new Set(['class', 'style', 'id', 'part', 'slot', 'hidden', 'title', 'lang', 'dir'])

export function mergeAttributes (live: Element, was: Element, now: Element, { add, refuse }: EditPlan): void {
  for (const name of new Set([...was.getAttributeNames(), ...now.getAttributeNames()])) {
    const [is, old, fresh] = [live, was, now].map(element => element.getAttribute(name)) as [string | null, string | null, string | null]
    if (old === fresh || is === fresh) continue
    const scripted = is !== old && withoutStamp(is ?? '') !== old
    if (FIXED.test(name) || isUnobserved(live, name)) refuse(`${name} of <${live.localName}>`)
    else if (name === 'class') add(() => mergeTokens(live, old, fresh))
    else if (scripted) refuse(`a script has changed ${name} of <${live.localName}>, or it differs with each answer`)
    else if (fresh === null) add(() => live.removeAttribute(name))
    // The parser accepts names that `setAttribute` refuses.
    else add(() => { live.setAttributeNode(now.getAttributeNode(name)?.cloneNode() as Attr) })
  }
}

const tokensOf = (text: string | null) => new Set((text ?? '').split(/\s+/).filter(Boolean))

function mergeTokens (live: Element, old: string | null, fresh: string | null): void {
  const [before, after] = [tokensOf(old), tokensOf(fresh)]
  live.classList.remove(...[...before].filter(token => !after.has(token)))
  live.classList.add(...[...after].filter(token => !before.has(token)))
}

/** Whether a custom element would not notice a change of the attribute. */
function isUnobserved (live: Element, name: string): boolean {
  const definition = customElements.get(live.localName) as { readonly observedAttributes?: readonly string[] } | undefined
  return !!definition && !PRESENTATIONAL.has(name) && !/^(?:data|aria)-/.test(name) && !definition.observedAttributes?.includes(name)
}
