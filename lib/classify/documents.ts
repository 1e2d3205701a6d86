// What pages were made from, so that a change of nothing but the names of their style sheets is known for what it is.
import { hash } from 'node:crypto'
import { readFileSync, statSync, type Stats } from 'node:fs'
import { statFingerprint } from '../shared/fingerprint.js'

export interface Documents {
  /** A file was sent as it is on disk, or without `stat` in another form. `dest`: what for. */
  served (path: string, stat?: Stats, dest?: string | string[]): void
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
const CLOCK_TICK_MS = 50
const FINGERPRINT = /[.\-_][\w-]{6,}(?=\.css(?:[?#]|$))/

export function createDocuments (renameSheets: RenameSheets, most = MOST): Documents {
  /** The forms in which a file went out since it was looked at, which differ only in the names of sheets; `undefined`: in more than these, or one is not known. */
  const forms = new Map<string, readonly Form[] | undefined>()
  /** The form of each file, as long as its fingerprint stays the same. */
  const known = new Map<string, { readonly fingerprint: string, readonly form: Form | undefined }>()
  const hidden = new Set<string>()
  let full = false

  /** `undefined`: it cannot be read, is too large, or its sheets are relative to something else than the page. */
  function formOf (path: string, stat = statOf(path)): Form | undefined {
    if (stat === undefined || stat.size > LARGEST) return undefined
    const fingerprint = statFingerprint(stat)
    const last = known.get(path)
    if (last?.fingerprint === fingerprint) return last.form
    const form = readForm(path, renameSheets)
    // Two writes within one tick of the file system's clock leave the same fingerprint.
    if (Date.now() - stat.ctimeMs > CLOCK_TICK_MS) known.set(path, { fingerprint, form })
    return form
  }

  return {
    served (path, stat, dest) {
      if (/worklet/.test(String(dest))) hidden.add(path)
      if (!KEPT.test(path)) return
      full ||= forms.size >= most && !forms.has(path)
      if (full) return forms.clear()
      const form = stat && formOf(path, stat)
      const before = forms.has(path) ? forms.get(path) : []
      const others = before?.filter(({ sheets }) => `${sheets}` !== `${form?.sheets}`)
      forms.set(path, form && others && before?.every(({ rest }) => rest === form.rest) ? [...others, form] : undefined)
    },
    compare (path) {
      if (full || !KEPT.test(path)) return 'changed'
      if (!forms.has(path)) return 'unused'
      const before = forms.get(path)
      const now = before && formOf(path)
      if (!now || now.rest !== before[0]?.rest) return 'changed'
      forms.set(path, [now])
      return before.flatMap(({ sheets }) => sheets.map((was, i): Renamed => [was, now.sheets[i] as string])).filter(([was, now]) => was !== now)
    },
    isHidden: path => hidden.has(path),
    forget: path => { forms.delete(path) }
  }
}

function readForm (path: string, renameSheets: RenameSheets): Form | undefined {
  const sheets: string[] = []
  const html = read(path)
  if (html === undefined || /<base[\s/>]/i.test(html)) return undefined
  const rest = renameSheets(html, address => {
    const family = address.replace(FINGERPRINT, '.*')
    if (family !== address) sheets.push(Buffer.from(address, 'latin1').toString())
    return family
  })
  return { rest: hash('sha1', rest, 'base64'), sheets }
}

function statOf (path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

function read (path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
