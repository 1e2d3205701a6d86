// The inside of a tag, from its name to its `>`, in whatever pieces it comes: only the right `>` ends it. Pure.

/** Where in a tag a text stopped. `end` and `selfClosed` are behind its `>`. */
export type Inside = 'before' | 'name' | 'after' | 'equals' | 'double' | 'single' | 'unquoted' | 'slash' | 'end' | 'selfClosed'

const [SLASH, GREATER, EQUALS, DOUBLE, SINGLE] = Array.from('/>="\'', char => char.charCodeAt(0))
const SPACES = new Set(Array.from('\t\n\f\r ', char => char.charCodeAt(0)))

/** Reads on at `at`. Gives where it stopped: behind the `>`, or at the end of the text. */
export function readInside (text: string, at: number, inside: Inside): { readonly at: number, readonly inside: Inside } {
  let i = at
  let now = inside
  while (i < text.length && now !== 'end' && now !== 'selfClosed') {
    if (now === 'double' || now === 'single') {
      const quote = text.indexOf(now === 'double' ? '"' : "'", i)
      if (quote === -1) return { at: text.length, inside: now }
      i = quote + 1
      now = 'before'
    } else {
      now = step(now, text.charCodeAt(i))
      i++
    }
  }
  return { at: i, inside: now }
}

// As the tokenizer of the HTML standard goes from state to state.
function step (now: Inside, char: number): Inside {
  if (now === 'equals') return SPACES.has(char) ? 'equals' : char === DOUBLE ? 'double' : char === SINGLE ? 'single' : char === GREATER ? 'end' : 'unquoted'
  if (char === GREATER) return now === 'slash' ? 'selfClosed' : 'end'
  if (SPACES.has(char)) return now === 'name' || now === 'after' ? 'after' : 'before'
  if (now === 'unquoted') return 'unquoted'
  if (char === SLASH) return 'slash'
  // A `=` that follows no name begins one.
  return char === EQUALS && (now === 'name' || now === 'after') ? 'equals' : 'name'
}

export interface Attribute {
  readonly name: string
  readonly value: string
  /** Of the value within the tag, quotes included. */
  readonly from: number
  readonly to: number
}

const ATTRIBUTE = /([^\t\n\f\r />=][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*("[^"]*"|'[^']*'|[^\t\n\f\r >"'][^\t\n\f\r >]*))?/g

/** The attributes of a whole tag that have a value. Character references are left as they are. */
export function attributesOf (tag: string): Attribute[] {
  const found: Attribute[] = []
  const named = tag.search(/[\t\n\f\r />]/)
  for (const match of tag.slice(named).matchAll(ATTRIBUTE)) {
    const [whole, name, given] = match
    if (given === undefined) continue
    const to = named + match.index + whole.length
    found.push({ name: (name as string).toLowerCase(), value: /^["']/.test(given) ? given.slice(1, -1) : given, from: to - given.length, to })
  }
  return found
}
