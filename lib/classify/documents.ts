// What pages were made from, so that a change of nothing but the names of their style sheets is known for what it is.
import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

export interface Documents {
  /** It went out: with this content, or with one that is not known; `dest`: for what. */
  served (path: string, body?: Buffer, dest?: string | string[]): void
  /**
   * What became of a file since it was served:
   * - a list: nothing but the names of its style sheets is new; these are, each with one it had;
   * - `unused`: nobody was given it;
   * - `changed`: more than that, or it is not known.
   */
  compare (path: string): readonly Renamed[] | 'unused' | 'changed'
  /** It went into a worklet: no page has that in its list of resources. */
  isHidden (path: string): boolean
  /** Whoever was given it is told to load it again. */
  forget (path: string): void
}

export type Renamed = readonly [was: string, now: string]

/** Gives the document with the address of each of its style sheets as `rename` wants it. */
export type RenameSheets = (html: string, rename: (address: string) => string) => string

interface Form {
  /** Hash of the document without the fingerprints in the names of its sheets. */
  readonly rest: string
  /** Addresses with a fingerprint. */
  readonly sheets: readonly string[]
}

const KEPT = /\.(?:html?|json)$/i
/** Bytes: larger ones would hold up a reply, and a message. */
const LARGEST = 128 * 1024
/** After so many files it is not known any more who was given what. */
const MOST = 5000
const FINGERPRINT = /[.\-_][\w-]{6,}(?=\.css(?:[?#]|$))/

export function createDocuments (renameSheets: RenameSheets, most = MOST): Documents {
  /** The forms in which a file went out since it was looked at, which differ only in the names of sheets; `undefined`: in more than these, or one is not known. */
  const forms = new Map<string, readonly Form[] | undefined>()
  const known = new WeakMap<Buffer, Form | undefined>()
  const hidden = new Set<string>()
  let full = false

  function formOf (body: Buffer): Form | undefined {
    if (body.length > LARGEST) return undefined
    if (!known.has(body)) known.set(body, readForm(body, renameSheets))
    return known.get(body)
  }

  return {
    served (path, body, dest) {
      if (/worklet/.test(String(dest))) hidden.add(path)
      if (!KEPT.test(path)) return
      full ||= forms.size >= most && !forms.has(path)
      if (full) return forms.clear()
      const form = body && formOf(body)
      const before = forms.has(path) ? forms.get(path) : []
      const others = before?.filter(({ sheets }) => `${sheets}` !== `${form?.sheets}`)
      forms.set(path, form && others && before?.every(({ rest }) => rest === form.rest) ? [...others, form] : undefined)
    },
    compare (path) {
      if (full || !KEPT.test(path)) return 'changed'
      if (!forms.has(path)) return 'unused'
      const before = forms.get(path)
      const now = before && formOf(read(path))
      if (!now || now.rest !== before[0]?.rest) return 'changed'
      forms.set(path, [now])
      return before.flatMap(({ sheets }) => sheets.map((was, i): Renamed => [was, now.sheets[i] as string])).filter(([was, now]) => was !== now)
    },
    isHidden: path => hidden.has(path),
    forget: path => { forms.delete(path) }
  }
}

function readForm (body: Buffer, renameSheets: RenameSheets): Form | undefined {
  const sheets: string[] = []
  const html = body.toString('latin1')
  // Its addresses are relative to something else than the page.
  if (/<base[\s/>]/i.test(html)) return undefined
  const rest = renameSheets(html, address => {
    const family = address.replace(FINGERPRINT, '.*')
    if (family !== address) sheets.push(Buffer.from(address, 'latin1').toString())
    return family
  })
  return { rest: hash('sha1', rest, 'base64'), sheets }
}

/** What can not be read is another one than what went out. */
function read (path: string): Buffer {
  try {
    return statSync(path).size <= LARGEST ? readFileSync(path) : Buffer.alloc(0)
  } catch {
    return Buffer.alloc(0)
  }
}
