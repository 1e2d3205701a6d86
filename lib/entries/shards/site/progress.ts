// How far a site is, over all shards.
import type { BuildContext, Progress } from '../../../../types/build.js'
import type { Shard } from '../../../../types/shards.js'

export class SiteProgress {
  readonly #context: BuildContext
  /** Pages that running shards have built, by shard, in the order in which the shards began. */
  readonly #running = new Map<string, number>()
  #done = 0
  #total = 0

  constructor (context: BuildContext) {
    this.#context = context
  }

  /** More pages are to be built. */
  add (pages: number): void {
    this.#total += pages
  }

  /** A shard tells how far it is. */
  within ({ shard = '', done, total }: Progress): void {
    if (total > 0) this.#running.set(shard, done)
    this.#tell()
  }

  done ({ id, pages }: Shard): void {
    this.#running.delete(id)
    this.#done += pages.length
    this.#tell()
  }

  #tell (): void {
    const within = [...this.#running.values()].reduce((sum, pages) => sum + pages, 0)
    const [longest] = this.#running.keys()
    this.#context.progress({ label: 'pages', done: Math.min(this.#done + within, this.#total), total: this.#total, ...longest !== undefined && { shard: longest } })
  }
}
