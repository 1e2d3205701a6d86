// What a batch of changed files becomes: an update of the page, or a reload, and for which URLs. Pure; the gravest change decides.
import { basename, relative, sep } from 'node:path'
import type { ChangeType } from '../../types/change.js'
import type { ReloadMessage, Update, UpdateMessage } from '../../types/message.js'
import type { Settings } from '../options.js'

/** A changed file, and which watch saw it. */
export interface Told {
  readonly path: string
  readonly type: ChangeType
  readonly source: 'output' | 'watch'
}

export type Verdict = Pick<UpdateMessage, 'type' | 'updates'> | Pick<ReloadMessage, 'type' | 'files'>

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

/** `mount` is the prefix of the scope the plugin was registered in. */
export function createJudge ({ roots, watch, client: { morph }, update: { css, images, scope } }: Settings, mount: string): (changes: readonly Told[]) => Verdict {
  const allowed = { css, image: images, html: morph }

  return changes => {
    const paths = new Set<string>()
    const kinds = new Map<string, Update['kind'] | undefined>()
    const born = new Set(changes.filter(({ type }) => type !== 'delete').map(({ path }) => familyOf(path)))
    let known = scope === 'affected'
    let light = true
    for (const { path, type, source } of changes) {
      const file = path.replace(COMPANION, '')
      const urls = urlsOf(file)
      const exact = source === 'output' && urls !== undefined
      const kind = !exact && TEMPLATE.test(file) ? 'html' : KINDS.find(([, names]) => names.test(file))?.[0]
      const shown = !exact && kind === 'html' && !morph ? [] : urls ?? endsOf(file)
      for (const url of shown) {
        paths.add(url)
        kinds.set(url, kind)
      }
      // A new page may take the place of another one: as an index, by its extension, instead of a fallback.
      const reborn = kind === 'html' && type === 'create'
      if (!exact || reborn) known = false
      // A companion that goes leaves the file as it was.
      if (reborn || kind === undefined || !allowed[kind] || shown.length === 0) light = false
      else if (type === 'delete' && file === path) {
        // Its successor has taken its place.
        if (born.has(familyOf(path)) && familyOf(path) !== path) for (const url of shown) paths.delete(url)
        else light = false
      }
    }
    if (paths.size > MOST) light = known = false
    if (light && paths.size > 0) return { type: 'update', updates: [...paths].map(path => ({ kind: kinds.get(path) as Update['kind'], path })) }
    return { type: 'reload', ...known && { files: [...paths] } }
  }

  function urlsOf (file: string): string[] | undefined {
    const urls = roots.filter(root => file.startsWith(root.path + sep)).map(root => mount + root.prefix + encode(relative(root.path, file)))
    return urls.length > 0 ? urls : undefined
  }

  // Where the app serves it is not known: below which path it is asked for is.
  function endsOf (file: string): string[] {
    return watch.filter(place => file === place || file.startsWith(place + sep)).map(place => encode(relative(place, file) || basename(file)))
  }
}

function familyOf (path: string): string {
  return path.replace(FINGERPRINT, '.*')
}

function encode (path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/')
}
