// What pages say they were made from: `reply.liveReload.uses(path)`. A page carries one name for all its files, as a page of a root carries that of its file.
import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ReplyLiveReload } from '../../types/live-reload.js'
import { errors, show } from '../errors.js'

/** Messages list the names of pages, so there may not be too many. Pages beyond them reload with every change. */
const MAX_PAGES = 250
/** What pages load by themselves. */
const LOADED_BY_PAGES = /\.(?:m?js|css|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?)$/i

/** False for a file that the HTML of no page is made from. */
export function mayBeRendered (path: string): boolean {
  return !LOADED_BY_PAGES.test(path)
}

class PageUse implements ReplyLiveReload {
  readonly files = new Set<string>()
  readonly #cwd: string
  readonly #onUse: (use: PageUse) => void
  /** Set when the reply goes out. */
  name: string | undefined

  constructor (cwd: string, onUse: (use: PageUse) => void) {
    this.#cwd = cwd
    this.#onUse = onUse
  }

  uses (...paths: readonly (string | URL)[]): void {
    for (const path of paths) this.files.add(resolve(this.#cwd, parsePath(path)))
    this.#onUse(this)
  }
}

export class PageFiles {
  readonly #max: number
  readonly #uses = new WeakMap<FastifyReply, PageUse>()
  readonly #names = new Set<string>()
  /** By file. */
  readonly #pages = new Map<string, Set<string>>()

  /** @param max Pages that may have a name. */
  constructor (app: FastifyInstance, cwd: string, max = MAX_PAGES) {
    this.#max = max
    const uses = this.#uses
    // What a page that is streamed uses late concerns it, too.
    const onUse = (use: PageUse) => { if (use.name !== undefined) this.#add(use) }
    app.decorateReply('liveReload', {
      getter () {
        const use = uses.get(this) ?? new PageUse(cwd, onUse)
        uses.set(this, use)
        return use
      }
    })
  }

  /** The name of a page that goes out; `undefined` when it does not say what it was made from. */
  nameOf (reply: FastifyReply): string | undefined {
    const use = this.#uses.get(reply)
    if (use === undefined || use.files.size === 0) return undefined
    const name = `made-of-${hash('sha1', [...use.files].sort().join('\n'), 'base64url').slice(0, 12)}`
    if (!this.#names.has(name) && this.#names.size >= this.#max) return undefined
    this.#names.add(use.name = name)
    this.#add(use)
    return name
  }

  /** Names of the pages that were made from the file; `undefined` when no page has ever said so. */
  of (file: string): readonly string[] | undefined {
    const pages = this.#pages.get(file)
    return pages && [...pages]
  }

  all (): readonly string[] {
    return [...this.#names]
  }

  #add ({ name, files }: PageUse): void {
    for (const file of files) this.#pages.set(file, (this.#pages.get(file) ?? new Set()).add(name as string))
  }
}

function parsePath (path: string | URL): string {
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  if (typeof path === 'string' && path !== '') return path
  throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('uses(path)', 'a path or a file: URL', show(path))
}
