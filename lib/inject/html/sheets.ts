// Rewrites the URLs of a document's style sheets. Everything else stays as it is, but for the hashes of what the sheets hold. Pure.
import { attributesOf } from './attributes.js'
import { Tokenizer } from './tokens.js'

/** `html` may be the latin1 view of bytes. Links in templates, scripts and comments are no part of the page. */
export function renameSheets (html: string, rename: (address: string) => string): string {
  const parts: string[] = []
  let end = 0
  new Tokenizer(tag => {
    if (tag.name !== 'link' || !tag.open) return
    parts.push(html.slice(end, tag.start), renameIn(html.slice(tag.start, tag.end), rename))
    end = tag.end
  }).read(html)
  return parts.join('') + html.slice(end)
}

function renameIn (tag: string, rename: (address: string) => string): string {
  const attributes = attributesOf(tag)
  const [rel, href, integrity] = ['rel', 'href', 'integrity'].map(wanted => attributes.filter(({ name }) => name === wanted))
  const [one] = href as typeof attributes
  // A browser takes the first of several. Such a tag is left alone.
  if (one === undefined || [rel, href, integrity].some(found => (found as typeof attributes).length > 1)) return tag
  const renamed = rename(one.value)
  if (renamed === one.value || !/(?:^|\s)stylesheet(?:\s|$)/i.test(rel?.[0]?.value ?? '')) return tag
  return attributes.filter(({ name }) => name === 'href' || name === 'integrity').reduceRight((text, { name, from, to }) =>
    `${text.slice(0, from)}"${name === 'href' ? renamed : ''}"${text.slice(to)}`, tag)
}
