// Attributes: what the HTML changed is changed, what scripts and people changed stays.
import { plain } from '../update/versions.js'
import type { Sketch } from './sketch.js'

/** Code, and what the browser reads once. */
export const FIXED = /^on|^srcdoc$|^is$/
const LOOKS = new Set(['class', 'style', 'id', 'part', 'slot', 'hidden', 'title', 'lang', 'dir'])

export function mergeAttributes (live: Element, was: Element, now: Element, { add, refuse }: Sketch): void {
  for (const name of new Set([...was.getAttributeNames(), ...now.getAttributeNames()])) {
    const [is, old, fresh] = [live, was, now].map(element => element.getAttribute(name)) as [string | null, string | null, string | null]
    if (old === fresh || is === fresh) continue
    const scripted = is !== old && plain(is ?? '') !== old
    if (FIXED.test(name) || isUnseen(live, name)) refuse(`${name} of <${live.localName}>`)
    else if (name === 'class') add(() => mergeTokens(live, old, fresh))
    else if (scripted) refuse(`a script has changed ${name} of <${live.localName}>, or it differs with each answer`)
    else if (fresh === null) add(() => live.removeAttribute(name))
    // Not every name that the parser takes may be set.
    else add(() => { live.setAttributeNode(now.getAttributeNode(name)?.cloneNode() as Attr) })
  }
}

const tokensOf = (text: string | null) => new Set((text ?? '').split(/\s+/).filter(Boolean))

function mergeTokens (live: Element, old: string | null, fresh: string | null): void {
  const [before, after] = [tokensOf(old), tokensOf(fresh)]
  live.classList.remove(...[...before].filter(token => !after.has(token)))
  live.classList.add(...[...after].filter(token => !before.has(token)))
}

/** Of an element with a script of its own that is not told. */
function isUnseen (live: Element, name: string): boolean {
  const definition = customElements.get(live.localName) as { readonly observedAttributes?: readonly string[] } | undefined
  return !!definition && !LOOKS.has(name) && !/^(?:data|aria)-/.test(name) && !definition.observedAttributes?.includes(name)
}
