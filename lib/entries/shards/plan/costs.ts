// What each shard cost when it was last built, and into how many parts the dear ones are split.
import type { Page } from '../../../../types/shards.js'
import { placeOf } from '../partition/rendezvous.js'

/** A shard of more pages is split into parts of about half as many, so that a worker's memory and the cost of an edit stay small. */
const MAX_PAGES = 250
/** A shard that takes more than an eighth of the whole is split into parts of about a sixteenth, whatever the number of workers. */
const [SPLIT_SHARE, PART_SHARE] = [1 / 8, 1 / 16]
/** Less work in all is not worth a split. */
const MIN_SPLIT_WORK_MS = 2_000

interface Cost { readonly ms: number, readonly weight: number }
interface Note { readonly costs: Map<string, Cost>, readonly parts: Map<string, number> }

export class Costs {
  readonly #costs = new Map<string, Cost>()
  /** Number of parts by shard. It stays until the shard has halved: otherwise parts would change with every save. */
  readonly #split = new Map<string, number>()

  /** Takes what `toNote()` gave, perhaps in another process. Anything else is ignored. */
  restore (note: unknown): void {
    const { costs, parts } = Object(note) as Partial<Note>
    if (!(costs instanceof Map) || !(parts instanceof Map)) return
    for (const [id, cost] of costs) if (Number.isFinite(cost?.ms) && Number.isFinite(cost?.weight)) this.#costs.set(id, cost)
    for (const [id, count] of parts) if (Number.isInteger(count)) this.#split.set(id, count)
  }

  toNote (): unknown {
    return { costs: this.#costs, parts: this.#split } satisfies Note
  }

  /** Whether anything was measured. */
  get known (): boolean { return this.#costs.size > 0 }

  measured (id: string, pages: readonly Page[], ms: number): void {
    // What is known of the whole is older than what is known of its parts, and the other way round.
    this.#costs.delete(id.replace(/~\d+$/, ''))
    for (const each of this.#costs.keys()) if (each.startsWith(`${id}~`)) this.#costs.delete(each)
    this.#costs.set(id, { ms, weight: weightOf(pages) })
  }

  /** Milliseconds of work, by what its pages cost last; without history by the mean of all. */
  estimate (id: string, pages: readonly Page[]): number {
    const own = this.#costs.get(id)
    const { ms, weight } = own ?? this.#measuredParts(id) ?? this.#mean()
    return ms / weight * weightOf(pages)
  }

  /**
   * The shards that are not too large, and the parts of the others. Ids and pages of shards that are not split stay the same.
   * What need not be built stays as it is, whatever it cost: cut otherwise, all of it would be built for an edit somewhere else.
   */
  async split (shards: ReadonlyMap<string, readonly Page[]>, isKept: (id: string, pages: readonly Page[]) => Promise<boolean>): Promise<Map<string, readonly Page[]>> {
    const work = new Map([...shards].map(([id, pages]) => [id, this.estimate(id, pages)]))
    const whole = this.known ? [...work.values()].reduce((sum, ms) => sum + ms, 0) : 0
    const result = new Map<string, readonly Page[]>()
    for (const [id, pages] of shards) {
      const before = this.#split.get(id) ?? 1
      const wanted = this.#partCount(id, pages, work.get(id) as number, whole)
      const count = wanted !== before && await areAll(cut(id, pages, before), isKept) ? before : wanted
      if (count === 1) this.#split.delete(id)
      else this.#split.set(id, count)
      for (const [part, few] of cut(id, pages, count)) {
        if (part !== id && shards.has(part)) throw new Error(`the partition names a shard ${part}, which is the name of a part of ${id}`)
        result.set(part, few)
      }
    }
    return result
  }

  /** Into how many parts a shard would best be split; 1 when it would not. */
  #partCount (id: string, pages: readonly Page[], ms: number, whole: number): number {
    const wanted = (scale: number) => {
      const byCount = pages.length * scale > MAX_PAGES ? pages.length * scale / (MAX_PAGES / 2) : 1
      const byWork = whole > MIN_SPLIT_WORK_MS && ms * scale > whole * SPLIT_SHARE ? ms * scale / (whole * PART_SHARE) : 1
      return Math.min(2 ** Math.ceil(Math.log2(Math.max(byCount, byWork))), pages.length)
    }
    const before = this.#split.get(id) ?? 1
    return wanted(1) > before || wanted(2) < before ? wanted(1) : before
  }

  /** What the parts of a shard cost together, when it was split last time. */
  #measuredParts (id: string): Cost | undefined {
    const parts = [...this.#costs].filter(([each]) => each.startsWith(`${id}~`)).map(([, cost]) => cost)
    return parts.length === 0 ? undefined : sum(parts)
  }

  #mean (): Cost {
    return this.known ? sum([...this.#costs.values()]) : { ms: 1, weight: 1 }
  }
}

async function areAll (parts: ReadonlyMap<string, readonly Page[]>, isKept: (id: string, pages: readonly Page[]) => Promise<boolean>): Promise<boolean> {
  for (const [id, pages] of parts) if (!await isKept(id, pages)) return false
  return true
}

function cut (id: string, pages: readonly Page[], parts: number): Map<string, readonly Page[]> {
  if (parts === 1) return new Map([[id, pages]])
  const result = new Map<string, Page[]>()
  for (const page of pages) {
    const part = `${id}~${placeOf(page.id, parts)}`
    result.set(part, [...result.get(part) ?? [], page])
  }
  return result
}

function sum (costs: readonly Cost[]): Cost {
  return costs.reduce((all, { ms, weight }) => ({ ms: all.ms + ms, weight: all.weight + weight }), { ms: 0, weight: 0 })
}

function weightOf (pages: readonly Page[]): number {
  return pages.reduce((all, { weight = 1 }) => all + weight, 0) || 1
}
