// Where a document ends: before its last real `</body>`, else `</html>`, else at its very end. Pure.

// An end tag is text when the first of these after it closes a comment or a script that was opened before it.
const AROUND = /<!--|-->|<(\/?)(?:script|style|textarea|title)(?=[\t\n\f\r />])/gi
const END_TAG = /<\/(?:body|html)[\t\n\f\r />]/gi
const LONGEST_END_TAG = 7

/** An index into `text`, which may be the latin1 view of bytes. */
export function findEnd (text: string): number {
  return findLast(text, 'body') ?? findLast(text, 'html') ?? text.length
}

/** The same for bytes: mostly their last `glance` tell. */
export function findEndOfBytes (html: Buffer, glance: number): number {
  const from = Math.max(0, html.length - glance)
  return findLast(html.toString('latin1', from), 'body', from) ?? findEnd(html.toString('latin1'))
}

/** Up to where a text that goes on can not hold its own end. What is further than `limit` from the end of the text is let go. */
export function openUntil (text: string, limit: number): number {
  for (const { index } of text.matchAll(END_TAG)) {
    if (text.length - index <= limit && !isEnclosed(text, index)) return index
  }
  const partial = text.lastIndexOf('<')
  return partial !== -1 && text.length - partial < LONGEST_END_TAG ? partial : text.length
}

function findLast (text: string, name: string, offset = 0): number | undefined {
  for (let i = text.lastIndexOf('</'); i !== -1; i = i === 0 ? -1 : text.lastIndexOf('</', i - 1)) {
    const end = i + 2 + name.length
    if (text.slice(i + 2, end).toLowerCase() === name && '\t\n\f\r />'.includes(text[end] ?? '?') && !isEnclosed(text, i)) return i + offset
  }
  return undefined
}

function isEnclosed (text: string, at: number): boolean {
  AROUND.lastIndex = at
  const first = AROUND.exec(text)
  return first !== null && (first[0] === '-->' || first[1] === '/')
}
