// What the content of an element is, as far as it changes how the text is read: raw text, SVG and MathML, templates. Pure.

export interface Context {
  /** Goes into an element. Gives the name whose end tag ends its raw text, if that is what it holds. */
  enter (name: string, selfClosed: boolean): string | undefined
  leave (name: string): void
  /** In SVG or MathML: no raw text, and CDATA is what it says. */
  isForeign (): boolean
  /** A script would be part of the page here: not in a template, not in SVG or MathML. */
  isOpen (): boolean
}

const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript', 'plaintext'])
// HTML goes on within these.
const INTEGRATION = new Set(['foreignobject', 'desc', 'title', 'mi', 'mo', 'mn', 'ms', 'mtext', 'annotation-xml'])
// These end SVG and MathML, whatever is still open there.
const BREAKOUT = new Set(('b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ' +
  'ruby s small span strong strike sub sup table tt u ul var').split(' '))

export function createContext (): Context {
  // From the outermost `svg` or `math` on; `html` says what is within.
  const open: { readonly name: string, readonly html: boolean }[] = []
  /** How many of each name are open: looking for one that is not would take as long as the document is deep. */
  const counts = new Map<string, number>()
  let templates = 0

  const count = (name: string) => counts.get(name) ?? 0
  const push = (name: string, html: boolean) => {
    open.push({ name, html })
    counts.set(name, count(name) + 1)
  }
  const pop = () => {
    const { name } = open.pop() as { readonly name: string }
    counts.set(name, count(name) - 1)
    return name
  }
  const isForeign = () => open.at(-1)?.html === false
  const breakOut = () => { while (isForeign()) pop() }

  return {
    enter (name, selfClosed) {
      if (isForeign() && BREAKOUT.has(name)) breakOut()
      if (isForeign()) {
        if (!selfClosed) push(name, INTEGRATION.has(name))
        return undefined
      }
      if ((name === 'svg' || name === 'math') && !selfClosed) push(name, false)
      if (name === 'template') templates++
      return RAW.has(name) ? name : undefined
    },
    leave (name) {
      if (name === 'template' && !isForeign()) templates = Math.max(0, templates - 1)
      else if (name === 'p' || name === 'br') breakOut()
      if (count(name) > 0) while (pop() !== name) { /* what is in it ends too */ }
    },
    isForeign,
    isOpen: () => templates === 0 && open.length === 0
  }
}
