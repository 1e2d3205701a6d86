// Reads an XHTML or SVG document up to its root, and finds where a script may go. Pure; never looks into the rest.
import type { Scan } from './scan.js'

const VISIBLE = /[^\t\n\r ]/g
const TAG = /<([^\s<>/!?"'=]+)(?:[^<>"']|"[^"]*"|'[^']*')*>/y
// A doctype may hold declarations, which hold quotes and comments.
const DOCTYPE = /<!DOCTYPE(?:[^[\]<>"']|"[^"]*"|'[^']*')*(?:\[(?:<!--(?:[^-]|-[^-])*-->|[^\]<>"']|<(?!!--)|>|"[^"]*"|'[^']*')*\][\t\n\r ]*)?>/y
const ROOT = /^(?:[^:]+:)?(?:html|svg)$/
const HEAD = /^(?:[^:]+:)?head$/

/** In XML every element must be closed and well formed, so the place is within the root: in its head if that comes first. `stage` of `Scan`: `html` once the root is there. */
export function scanXml (text: string, complete: boolean): Scan {
  let at = 0
  let i = /^(?:\uFEFF|\xEF\xBB\xBF)/.exec(text)?.[0].length ?? 0
  let root = false
  const end = (kind: Scan['kind']): Scan => ({ kind, at, stage: root ? 'html' : 'start' })
  const settle = (): Scan => end(root ? 'document' : 'fragment')
  const short = (): Scan => complete ? settle() : end('more')

  if (!complete && text.length < 3 && '\xEF\xBB\xBF'.startsWith(text)) return end('more')
  for (;;) {
    VISIBLE.lastIndex = i
    i = VISIBLE.exec(text)?.index ?? -1
    if (i === -1) return short()
    const next = endOfMisc(text, i)
    if (next === undefined) {
      TAG.lastIndex = i
      const tag = TAG.exec(text)
      if (tag === null) return text[i] !== '<' || text[i + 1] === '/' ? settle() : short()
      const [whole, name] = tag as unknown as [string, string]
      if (!root) {
        if (!ROOT.test(name) || whole.endsWith('/>')) return end('fragment')
        root = true
        at = i = TAG.lastIndex
      } else {
        if (HEAD.test(name)) at = TAG.lastIndex
        return end('document')
      }
    } else if (next === -1) {
      return short()
    } else {
      i = next
    }
  }
}

/** Behind a comment, an instruction or a doctype. -1: it goes on; `undefined`: it is none. */
function endOfMisc (text: string, at: number): number | undefined {
  const behind = (mark: string, from: number) => {
    const end = text.indexOf(mark, from)
    return end === -1 ? -1 : end + mark.length
  }
  if (text.startsWith('<!--', at)) return behind('-->', at + 4)
  if (text.startsWith('<?', at)) return behind('?>', at + 2)
  if (text.startsWith('<!DOCTYPE', at)) {
    DOCTYPE.lastIndex = at
    return DOCTYPE.test(text) ? DOCTYPE.lastIndex : -1
  }
  return '<!DOCTYPE'.startsWith(text.slice(at)) || '<!--'.startsWith(text.slice(at)) ? -1 : undefined
}
