// The policies in a document's head, as it comes: `<meta http-equiv="Content-Security-Policy">` with another content. Pure.
import { attributesOf } from './attributes.js'
import type { Tag } from './tokens.js'

export interface Metas {
  tell (tag: Tag): void
  /** What is to be put in place of what, since it was asked last. */
  take (): { readonly start: number, readonly end: number, readonly text: string }[]
  /** The head has ended. */
  isOver (): boolean
}

const OF_HEAD = new Set(['html', 'head', 'meta', 'title', 'link', 'style', 'script', 'base', 'noscript', 'template'])
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>' }

export function createMetas (extend: (policy: string) => string): Metas {
  let found: { start: number, end: number, text: string }[] = []
  let over = false
  return {
    tell ({ name, start, end, text, open }) {
      if (over || !open) return
      if (name === 'meta') {
        const instead = rewrite(text, extend)
        if (instead !== text) found.push({ start, end, text: instead })
      } else {
        over = name === '/head' || !OF_HEAD.has(name.replace('/', ''))
      }
    },
    take () {
      const taken = found
      found = []
      return taken
    },
    isOver: () => over
  }
}

function rewrite (tag: string, extend: (policy: string) => string): string {
  const attributes = attributesOf(tag)
  const named = (wanted: string) => attributes.find(({ name }) => name === wanted)
  const content = named('content')
  if (named('http-equiv')?.value.trim().toLowerCase() !== 'content-security-policy' || content === undefined) return tag
  const given = decode(content.value)
  const policy = extend(given)
  if (policy === given) return tag
  return `${tag.slice(0, content.from)}"${policy.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"${tag.slice(content.to)}`
}

function decode (value: string): string {
  return value.replace(/&(?:#(\d+)|#x([\da-f]+)|(amp|quot|apos|lt|gt));/gi, (_, decimal?: string, hex?: string, name?: string) =>
    name === undefined ? String.fromCharCode(Number(decimal ?? `0x${hex}`)) : REFERENCES[name.toLowerCase()] as string)
}
