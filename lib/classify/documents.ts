// What pages were made from. A change that only renames style sheets is recognised by it.
import { hash } from 'node:crypto'
import { readFileSync, statSync, type Stats } from 'node:fs'
import { extname } from 'node:path'
import { statFingerprint } from '../shared/fingerprint.js'

export interface Documents {
  /** A file was sent as it is on disk, or without `stat` in another form. `dest`: what for. */
  served (path: string, stat?: Stats, dest?: string | string[]): void
  /**
   * How a file differs from what was served:
   * - a list: only the names of style sheets, each with one it had before;
   * - `unused`: it was not served;
   * - `changed`: in more than that, or in a way that is unknown.
   */
  compare (path: string): readonly Renamed[] | 'unused' | 'changed'
  /** It was loaded by a worklet, so no page has it in its list of resources. */
  isHidden (path: string): boolean
  /** Pages that were made from it reload now. */
  forget (path: string): void
}

export type Renamed = readonly [was: string, now: string]

/** Returns the document with the address of each style sheet replaced by what `rename` returns. */
export type RenameSheets = (html: string, rename: (address: string) => string) => string

interface Form {
  /** Hash of the document without the fingerprints in the names of its sheets. */
  readonly rest: string
  /** Addresses with a fingerprint. */
  readonly sheets: readonly string[]
}

const DOCUMENTS = new Set(['.html', '.htm', '.json'])
/** Larger documents would delay replies and messages. */
const MAX_DOCUMENT_BYTES = 128 * 1024
/** With more documents than this, none is compared. */
const MAX_DOCUMENTS = 5000
const CLOCK_TICK_MS = 50
/** `app-3f2a9c.css`, `app.3f2a9c.css`: the part of a name that is made from the content. */
const FINGERPRINT = /[.\-_][\w-]{6,}(?=\.[^.]+$)/

/** The path without its fingerprint: versions of one file have the same family. */
export function familyOf (path: string): string {
  return path.replace(FINGERPRINT, '.*')
}

function isDocument (path: string): boolean {
  return DOCUMENTS.has(extname(path).toLowerCase())
}

export function createDocuments (renameSheets: RenameSheets, max = MAX_DOCUMENTS): Documents {
  /** The forms in which a file was served since it was compared. They differ only in names of sheets; `undefined`: in more, or one is unknown. */
  const forms = new Map<string, readonly Form[] | undefined>()
  /** The form of each file, as long as its fingerprint stays the same. */
  const known = new Map<string, { readonly fingerprint: string, readonly form: Form | undefined }>()
  const hidden = new Set<string>()
  let full = false

  /** `undefined`: it cannot be read, is too large, or its sheets are relative to something else than the page. */
  function formOf (path: string, stat = statOf(path)): Form | undefined {
    if (stat === undefined || stat.size > MAX_DOCUMENT_BYTES) return undefined
    const fingerprint = statFingerprint(stat)
    const last = known.get(path)
    if (last?.fingerprint === fingerprint) return last.form
    const form = readForm(path, renameSheets)
    // Two writes within one tick of the file system's clock leave the same fingerprint.
    if (Math.abs(Date.now() - stat.ctimeMs) > CLOCK_TICK_MS) known.set(path, { fingerprint, form })
    return form
  }

  return {
    served (path, stat, dest) {
      if (/worklet/.test(String(dest))) hidden.add(path)
      if (!isDocument(path)) return
      full ||= forms.size >= max && !forms.has(path)
      if (full) return forms.clear()
      const form = stat && formOf(path, stat)
      const before = forms.has(path) ? forms.get(path) : []
      const others = before?.filter(({ sheets }) => `${sheets}` !== `${form?.sheets}`)
      forms.set(path, form && others && before?.every(({ rest }) => rest === form.rest) ? [...others, form] : undefined)
    },
    compare (path) {
      if (full || !isDocument(path)) return 'changed'
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
    const [, path, query] = /^(.*?\.css)?([?#].*)?$/s.exec(address) ?? []
    const family = path === undefined ? address : familyOf(path) + (query ?? '')
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
