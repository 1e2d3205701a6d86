// The addresses of a document's style sheets, written anew: the rest stays as it is, but for hashes of what the sheets hold. Pure.
import { attributesOf } from './attributes.js'
import { createTokens } from './tokens.js'

const LINK = new Set(['link'])

/** `html` may be the latin1 view of bytes. Only links that are part of the page are looked at: not in templates, scripts, comments. */
export function renameSheets (html: string, rename: (address: string) => string): string {
  const parts: string[] = []
  let end = 0
  const tokens = createTokens(LINK, tag => {
    if (tag.name !== 'link' || !tag.open) return
    parts.push(html.slice(end, tag.start), renameIn(tag.text, rename))
    end = tag.end
  })
  tokens.read(html)
  return parts.join('') + html.slice(end)
}

function renameIn (tag: string, rename: (address: string) => string): string {
  const attributes = attributesOf(tag)
  const [rel, href, integrity] = ['rel', 'href', 'integrity'].map(wanted => attributes.filter(({ name }) => name === wanted))
  const [one] = href as typeof attributes
  // The first of several counts: whoever writes so is not followed.
  if (one === undefined || [rel, href, integrity].some(found => (found as typeof attributes).length > 1)) return tag
  const fresh = rename(one.value)
  if (fresh === one.value || !/(?:^|\s)stylesheet(?:\s|$)/i.test(rel?.[0]?.value ?? '')) return tag
  return attributes.filter(({ name }) => name === 'href' || name === 'integrity').reduceRight((text, { name, from, to }) =>
    `${text.slice(0, from)}"${name === 'href' ? fresh : ''}"${text.slice(to)}`, tag)
}
