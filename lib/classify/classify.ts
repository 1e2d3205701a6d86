// Decides what a batch of changed files is for a page: an update or a reload, and of which URLs. The most severe change decides.
import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import type { ChangeType } from '../../types/change.js'
import type { ReloadMessage, Update, UpdateMessage } from '../../types/message.js'
import type { Settings } from '../options/settings.js'
import { familyOf, type Documents } from './documents.js'
import { resolveUrl, urlsOf } from './file-urls.js'
import { isShownInPlace, kindOf, withoutCompanion } from './kinds.js'

/** A changed file, and which watch saw it. */
export interface SourcedChange {
  readonly path: string
  readonly type: ChangeType
  readonly source: 'output' | 'watch'
}

export type Classification = Pick<UpdateMessage, 'type' | 'updates'> | Pick<ReloadMessage, 'type' | 'files'>

/** `unused`: a document that no page was sent. */
type Kind = Update['kind'] | 'unused' | undefined

/** Names of rendered pages, by what they say they were made from. */
export interface PageNames {
  /** `undefined`: no page has ever named the file. */
  of (file: string): readonly string[] | undefined
  all (): readonly string[]
}

interface Context {
  readonly settings: Pick<Settings, 'roots' | 'watch' | 'update' | 'client'>
  readonly mount: string
  readonly documents: Pick<Documents, 'compare' | 'isHidden' | 'forget'>
  readonly pages: PageNames
}

/** A page reloads rather than take in more updates, or compare itself with more URLs. */
const MAX_UPDATES = 50

const NO_PAGES: PageNames = { of: () => undefined, all: () => [] }

/** `mount` is the prefix of the scope the plugin was registered in. */
export function createChangeClassifier (settings: Context['settings'], mount: string, documents: Context['documents'], pages: PageNames = NO_PAGES): (changes: readonly SourcedChange[]) => Classification {
  return changes => new Batch({ settings, mount, documents, pages }, changes).classify()
}

class Batch {
  readonly #context: Context
  readonly #changes: readonly SourcedChange[]
  /** Names without fingerprints of files that exist. Most batches need none. */
  #families: ReadonlySet<string> | undefined
  readonly #kinds = new Map<string, Kind>()
  /** Rendered pages that show the changes. */
  readonly #pages = new Set<string>()
  readonly #replaced = new Set<string>()
  readonly #renamedSheets = new Map<string, Update>()
  #renamingDocuments = 0
  /** Pages can show everything without a reload. */
  #isUpdate = true
  /** All URLs are certain, so a page that used none of them may stay as it is. */
  #isCertain: boolean

  constructor (context: Context, changes: readonly SourcedChange[]) {
    this.#context = context
    this.#changes = changes
    this.#isCertain = context.settings.update.scope === 'affected'
  }

  classify (): Classification {
    for (const change of this.#changes) this.#add(change)
    for (const url of this.#replaced) this.#kinds.delete(url)
    const updates = this.#updates()
    if (updates !== undefined) return { type: 'update', updates }
    for (const { path } of this.#changes) this.#context.documents.forget(withoutCompanion(path))
    return { type: 'reload', ...this.#isCertain && this.#kinds.size <= MAX_UPDATES && { files: [...this.#kinds.keys(), ...this.#pages] } }
  }

  #add ({ path, type, source }: SourcedChange): void {
    const { settings, mount, documents } = this.#context
    const file = withoutCompanion(path)
    const { urls, isServed } = urlsOf(file, settings, mount)
    // Of a directory the watch knows no more than that something in it is gone.
    const isExact = source === 'output' && isServed && !(type === 'delete' && existsSync(path + sep))
    const compared = this.#isUpdate && isExact && type === 'update' ? this.#compare(file) : 'changed'
    const kind: Kind = typeof compared !== 'string' ? 'names' : compared === 'unused' ? compared : kindOf(file, isExact)
    const shown = !isExact && kind === 'html' && !settings.client.morph ? [] : urls
    for (const url of shown) this.#kinds.set(url, kind)
    if (typeof compared !== 'string') this.#rename(compared, shown)
    // A new page may replace another one: as an index, by its extension, instead of a fallback.
    const isNewPage = kind === 'html' && type === 'create'
    const isNamed = this.#addPages(file, kind)
    if (!(isExact || isNamed) || isNewPage || documents.isHidden(file)) this.#isCertain = false
    if (isNewPage || shown.length === 0 || !this.#isAllowed(kind)) this.#isUpdate = false
    // Without its companion a file stays as it was.
    else if (type === 'delete' && file === path) this.#delete(path, shown)
  }

  /** Rendered pages show the files that they name, and may show any that no page has named. Returns whether one has. */
  #addPages (file: string, kind: Kind): boolean {
    const { pages } = this.#context
    const named = pages.of(file)
    if (named === undefined && (kind === 'css' || kind === 'image')) return false
    const names = named ?? pages.all()
    for (const name of names) this.#pages.add(name)
    if (names.length > 0 && kind !== 'html') this.#isUpdate = false
    return named !== undefined
  }

  /** Compares a document that would mean a reload with what pages were sent. Pages compare the others themselves. */
  #compare (file: string): ReturnType<Documents['compare']> {
    const { settings: { update: { css }, client: { morph } }, documents } = this.#context
    const kind = kindOf(file, true)
    return css && (kind === undefined || (kind === 'html' && !morph)) ? documents.compare(file) : 'changed'
  }

  #rename (sheets: readonly (readonly [was: string, now: string])[], urls: readonly string[]): void {
    for (const url of urls) {
      for (const [was, path] of sheets.map(names => names.map(name => resolveUrl(name, url)))) {
        if (was && path) this.#renamedSheets.set(`${was} ${path}`, { kind: 'css', path, was })
      }
    }
    if (++this.#renamingDocuments > MAX_UPDATES) this.#isUpdate = false
  }

  #delete (path: string, urls: readonly string[]): void {
    const family = familyOf(path)
    if (family === path || !this.#exists(family)) this.#isUpdate = false
    else for (const url of urls) this.#replaced.add(url)
  }

  /** A file of this family exists, and replaces deleted ones. */
  #exists (family: string): boolean {
    this.#families ??= new Set(this.#changes.filter(({ type }) => type !== 'delete').map(({ path }) => familyOf(path)))
    return this.#families.has(family)
  }

  #isAllowed (kind: Kind): boolean {
    if (kind === 'unused') return true
    // New names of style sheets are shown as new style sheets are.
    const shownAs = kind === 'names' ? 'css' : kind
    return shownAs !== undefined && isShownInPlace(shownAs, this.#context.settings)
  }

  #updates (): Update[] | undefined {
    if (!this.#isUpdate || !this.#isEnough()) return undefined
    const renamed = [...this.#renamedSheets.values()]
    // Of all unused documents one is enough: it is about pages that the app made of whatever it reads.
    const unused = [...this.#kinds].find(([, kind]) => kind === 'unused')?.[0]
    const files = [...this.#kinds].flatMap(([path, kind]): Update[] => {
      if (kind === 'unused') return path === unused ? [{ kind: 'names', path }] : []
      return kind === undefined ? [] : [{ kind, path }]
    })
    // Renamed sheets first: later updates find a sheet under its new name.
    const updates = [...renamed, ...files, ...[...this.#pages].map((path): Update => ({ kind: 'html', path }))]
    const old = new Set(renamed.map(({ was }) => was))
    // With two new names for one, or a new name that is also an old one, it depends on the page which is right.
    const isAmbiguous = old.size < renamed.length || updates.some(({ path, was }) => was !== undefined && old.has(path))
    return !isAmbiguous && updates.length <= MAX_UPDATES ? updates : undefined
  }

  /** Names alone tell pages nothing: a document that no page was sent may be one that the app makes them of. */
  #isEnough (): boolean {
    if (this.#renamedSheets.size > 0 || this.#pages.size > 0) return true
    for (const kind of this.#kinds.values()) if (kind !== 'unused' && kind !== 'names') return true
    return false
  }
}
