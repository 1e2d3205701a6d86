// Links that lead nowhere, over all shards: what a page links to may have been removed from another shard, so a cached shard is checked again.
import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Diagnostic } from '../../../../types/build.js'
import type { Merge } from '../../../../types/shards.js'
import { check, integer, isFunction } from '../../../options/check.js'
import { withSlashes } from '../../../shared/paths.js'
import { byText, givenOptions, siteSettings, type Results, type SiteOptions } from './settings.js'

export interface LinkOptions {
  /** Leaves a link alone: one to what the app serves beside the site. `target` begins with `/` and has neither query nor hash. */
  ignore?: (target: string, page: string) => boolean
  /** Targets that are named. The others are counted. @default 20 */
  max?: number
}

const MAX_NAMED_PAGES = 3
const HAS_SCHEME = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i

/** Reports links within the site to what no page and no file is, as a warning for each target. Links to other sites are left alone. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeLinks (options: SiteOptions & LinkOptions, name = 'mergeLinks'): Merge {
  const given = givenOptions(name, options, ['baseUrl', 'outDir', 'ignore', 'max'])
  const { base } = siteSettings(name, given)
  const ignore = given.ignore === undefined ? () => false : check(`${name}.ignore`, given.ignore, 'a function', isFunction) as NonNullable<LinkOptions['ignore']>
  const max = integer(`${name}.max`, given.max, 20, 1, 1_000)
  return async (results, request) => {
    const site = new Site(base)
    for (const path of await filesIn(request.outDir)) site.addFile(path)
    for (const { renderedPages, sitemapEntries, links } of results) {
      for (const path of renderedPages) site.addFile(path)
      for (const { url } of sitemapEntries) site.addPage(url)
      for (const [from] of links) site.addPage(from)
    }
    return { diagnostics: report(deadLinks(results, site, ignore), max) }
  }
}

/** The paths that lead somewhere, as the server finds them: `/a/` is `a/index.html`, `/b` is `b.html`. */
class Site {
  readonly #origin: string
  /** Ends with `/`. */
  readonly #root: string
  readonly #paths = new Set<string>(['/'])

  constructor (base: string) {
    this.#origin = new URL(base).origin
    this.#root = decode(new URL(base).pathname)
  }

  addFile (path: string): void {
    this.#paths.add(`/${path}`)
    if (path === 'index.html' || path.endsWith('/index.html')) {
      const folder = `/${path.slice(0, -'index.html'.length)}`
      this.#paths.add(folder).add(folder.slice(0, -1))
    } else if (path.endsWith('.html')) this.#paths.add(`/${path.slice(0, -'.html'.length)}`)
  }

  addPage (url: string): void {
    const path = this.pathOf(url)
    if (path !== undefined) this.#paths.add(path)
  }

  has (path: string): boolean {
    return this.#paths.has(path)
  }

  /** The path of a page's address within the site; `undefined` when it is of another site. */
  pathOf (url: string): string | undefined {
    return this.resolve('/', url)
  }

  /** The path that a link of a page leads to, without query and hash; `undefined` when it leaves the site or stays on the page. */
  resolve (folder: string, link: string): string | undefined {
    const end = link.search(/[?#]/)
    const target = end === -1 ? link.trim() : link.slice(0, end).trim()
    if (target === '') return undefined
    if (HAS_SCHEME.test(target)) {
      const url = URL.canParse(target, this.#origin) ? new URL(target, this.#origin) : undefined
      return url?.origin === this.#origin ? this.#below(decode(url.pathname)) : undefined
    }
    const path = decode(posix.normalize(target.startsWith('/') ? target : folder + target))
    // Pages write addresses with the path the site is at, or as if it were at the root of its host.
    return this.has(path) ? path : this.#below(path) ?? path
  }

  #below (path: string): string | undefined {
    return `${path}/` === this.#root ? '/' : path.startsWith(this.#root) ? `/${path.slice(this.#root.length)}` : undefined
  }
}

/** Target -> pages that link to it. */
function deadLinks (results: Results, site: Site, ignore: NonNullable<LinkOptions['ignore']>): Map<string, Set<string>> {
  const dead = new Map<string, Set<string>>()
  for (const [from, to] of results.flatMap(result => result.links)) {
    const page = site.pathOf(from) ?? from
    const folder = page.slice(0, page.lastIndexOf('/') + 1)
    for (const link of to) {
      const target = site.resolve(folder, link)
      if (target === undefined || site.has(target) || ignore(target, page)) continue
      dead.set(target, (dead.get(target) ?? new Set()).add(page))
    }
  }
  return dead
}

function report (dead: ReadonlyMap<string, ReadonlySet<string>>, max: number): Diagnostic[] {
  const targets = [...dead].sort(([a], [b]) => byText(a, b))
  const lines = targets.slice(0, max).map(([target, found]) => {
    const pages = [...found].sort(byText)
    const more = pages.length - MAX_NAMED_PAGES
    return `there is no ${target} to link to, as ${pages.slice(0, MAX_NAMED_PAGES).join(', ')}${more > 0 ? ` and ${more} more` : ''} ${pages.length === 1 ? 'does' : 'do'}`
  })
  if (targets.length > max) lines.push(`${targets.length - max} more addresses are linked to that are not there`)
  return lines.map(message => ({ severity: 'warning', message }))
}

/** What the parts before have written: a page may link to the feed. */
async function filesIn (dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isFile()).map(entry => withSlashes(join(entry.parentPath, entry.name).slice(dir.length + 1)))
}

function decode (path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
