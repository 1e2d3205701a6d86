// What a batch of changed files becomes: an update of the page, or a reload, and for which URLs. The gravest change decides.
import { basename, relative, sep } from 'node:path'
import type { ChangeType } from '../../types/change.js'
import type { ReloadMessage, Update, UpdateMessage } from '../../types/message.js'
import type { Settings } from '../options/settings.js'
import { rootUrl } from '../shared/root-url.js'
import type { Documents } from './documents.js'

/** A changed file, and which watch saw it. */
export interface SourcedChange {
  readonly path: string
  readonly type: ChangeType
  readonly source: 'output' | 'watch'
}

export type Classification = Pick<UpdateMessage, 'type' | 'updates'> | Pick<ReloadMessage, 'type' | 'files'>

/** More are no help to a page: it reloads. */
const MOST = 50
const KINDS: readonly (readonly [Update['kind'], RegExp])[] = [
  ['css', /\.(?:css|woff2?|ttf|otf|eot)$/i],
  ['image', /\.(?:png|apng|jpe?g|jfif|gif|webp|avif|svg|ico|bmp)$/i],
  ['html', /\.html?$/i]
]
/** What an app makes its pages from. */
const TEMPLATE = /\.(?:html?|ejs|eta|hbs|handlebars|mustache|pug|jade|njk|nunjucks|liquid|twig|art|edge|marko|md|markdown)$/i
/** What stands for another file beside it: a source map, a compressed copy. */
const COMPANION = /\.(?:map|gz|br|zst)$/i
/** `app-3f2a9c.css`, `app.3f2a9c.css`: the part of a name that is made from the content. */
const FINGERPRINT = /[.\-_][\w-]{6,}(?=\.[^.]+$)/

/** What is known of files that went out. */
export type Known = Pick<Documents, 'compare' | 'isHidden' | 'forget'>

/** `mount` is the prefix of the scope the plugin was registered in. */
export function createChangeClassifier ({ roots, watch, client: { morph }, update: { css, images, scope } }: Settings, mount: string, documents: Known): (changes: readonly SourcedChange[]) => Classification {
  const allowed = { css, image: images, html: morph, names: css, unused: true }

  return changes => {
    const kinds = new Map<string, Update['kind'] | 'unused' | undefined>()
    const born = new Set(changes.filter(({ type }) => type !== 'delete').map(({ path }) => familyOf(path)))
    const gone = new Set<string>()
    const renamed = new Map<string, Update>()
    const note = ([was, path]: readonly (string | undefined)[]) => { if (was && path) renamed.set(`${was} ${path}`, { kind: 'css', path, was }) }
    let known = scope === 'affected'
    let light = true
    let named = 0
    for (const { path, type, source } of changes) {
      const file = path.replace(COMPANION, '')
      const urls = urlsOf(file)
      const exact = source === 'output' && urls !== undefined
      const became = light && exact && type === 'update' ? becameOf(file) : 'changed'
      const sheets = typeof became === 'string' ? undefined : became
      const kind = sheets ? 'names' : became === 'unused' ? became : kindOf(file, exact)
      const shown = !exact && kind === 'html' && !morph ? [] : urls ?? endsOf(file)
      for (const url of shown) {
        kinds.set(url, kind)
        for (const names of sheets ?? []) note(names.map(name => pathIn(name, url)))
      }
      if (sheets && ++named > MOST) light = false
      // A new page may take the place of another one: as an index, by its extension, instead of a fallback.
      const reborn = kind === 'html' && type === 'create'
      if (!exact || reborn || documents.isHidden(file)) known = false
      // A companion that goes leaves the file as it was.
      if (reborn || kind === undefined || !allowed[kind] || shown.length === 0) light = false
      else if (type === 'delete' && file === path) {
        // Its successor has taken its place.
        if (born.has(familyOf(path)) && familyOf(path) !== path) for (const url of shown) gone.add(url)
        else light = false
      }
    }
    for (const url of gone) kinds.delete(url)
    // Successors first: a new name that the page had before is looked for where they have put it.
    const updates = [...renamed.values(), ...updatesOf(kinds)]
    const olds = [...renamed.values()].map(({ was }) => was)
    // One name with two successors, or whose successor has one as well: it depends on the page which is right.
    if (new Set(olds).size < olds.length || updates.some(({ path, was }) => was && olds.includes(path))) light = false
    if (updates.length > MOST) light = false
    if (light && updates.some(({ kind }) => kind !== 'names')) return { type: 'update', updates }
    for (const { path } of changes) documents.forget(path.replace(COMPANION, ''))
    return { type: 'reload', ...known && kinds.size <= MOST && { files: [...kinds.keys()] } }
  }

  // Only of what would be a reload: the others are looked at by the page.
  function becameOf (file: string): ReturnType<Known['compare']> {
    const kind = kindOf(file, true)
    return css && (kind === undefined || (kind === 'html' && !morph)) ? documents.compare(file) : 'changed'
  }

  function urlsOf (file: string): string[] | undefined {
    const urls = roots.filter(root => file.startsWith(root.path + sep)).map(root => rootUrl(mount, root.prefix) + encode(relative(root.path, file)))
    return urls.length > 0 ? urls : undefined
  }

  // Where the app serves it is not known: below which path it is asked for is.
  function endsOf (file: string): string[] {
    return watch.filter(place => file === place || file.startsWith(place + sep)).map(place => encode(relative(place, file) || basename(file)))
  }
}

function kindOf (file: string, exact: boolean): Update['kind'] | undefined {
  return !exact && TEMPLATE.test(file) ? 'html' : KINDS.find(([, names]) => names.test(file))?.[0]
}

/** The path of what a page names, written as ours are. That of another server no page has here. */
function pathIn (address: string, page: string): string | undefined {
  try {
    return decodeURIComponent(new URL(address, `http://localhost${page}`).pathname).split('/').map(encodeURIComponent).join('/')
  } catch {
    return undefined
  }
}

/** Of all that nobody was given one is told: it concerns pages that the app made of whatever it reads. */
function updatesOf (kinds: ReadonlyMap<string, Update['kind'] | 'unused' | undefined>): Update[] {
  const each = [...kinds]
  const [unused] = each.find(([, kind]) => kind === 'unused') ?? []
  return each.flatMap(([path, kind]) => kind === undefined || (kind === 'unused' && path !== unused) ? [] : { kind: kind === 'unused' ? 'names' : kind, path })
}

function familyOf (path: string): string {
  return path.replace(FINGERPRINT, '.*')
}

function encode (path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/')
}
