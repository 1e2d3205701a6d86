// Pages -> shards with their keys: what has the same key has the same result.
import { relative, resolve, sep } from 'node:path'
import type { Diagnostic } from '../../../../types/build.js'
import type { Page, Partition, Shard } from '../../../../types/shards.js'
import { show } from '../../../errors.js'
import { withSlashes } from '../../../shared/paths.js'
import { isOfWantedNumber } from '../partition/by.js'
import type { Costs } from './costs.js'
import { digestOf, sha256 } from './digest.js'
import { failure, few } from './pages.js'

/** Raised when what a key names is stored otherwise. */
export const PROTOCOL = 1

/** Fixed steps: another number changes every shard. */
const STEPS: readonly (readonly [maxPages: number, shards: number])[] = [[1_000, 16], [16_000, 64], [Infinity, 256]]

export interface PlanRequest {
  readonly cwd: string
  readonly pages: readonly Page[]
  readonly partition: Partition
  /** `false`: all pages in one shard. */
  readonly shards: number | false | undefined
  readonly costs: Costs
  /** Hash of a file by its path. */
  readonly hashes: ReadonlyMap<string, string>
  /** What the result depends on beside pages and globals. */
  readonly salt: string
  readonly globals: unknown
  readonly globalsFor: ((globals: unknown, pages: readonly Page[]) => unknown) | undefined
  /** In front of ids: shards of another wave. */
  readonly prefix: string
  /** Whether what was built under a key is still there. */
  readonly isKept: (key: string) => Promise<boolean>
}

export interface Plan {
  readonly shards: readonly Shard[]
  /** By shard id. */
  readonly globals: Readonly<Record<string, unknown>>
}

/** The plan, or what is wrong with the partition. */
export async function planShards (request: PlanRequest): Promise<Plan | Diagnostic[]> {
  const pages = sorted(request.pages)
  const count = request.shards === false ? 1 : request.shards ?? (STEPS.find(([most]) => pages.length <= most) as [number, number])[1]
  const cutPages: unknown = request.shards === false ? new Map([['all', pages]]) : request.partition(pages, count)
  const wrong = checkPartition(cutPages, pages)
  if (wrong !== undefined) return [failure(wrong)]
  const named = new Map([...cutPages as ReadonlyMap<string, readonly Page[]>].filter(([, part]) => part.length > 0).map(([id, part]): [string, readonly Page[]] => [request.prefix + id, part]))
  const isExact = request.shards === false || isOfWantedNumber(request.partition)
  const globalsOf = (part: readonly Page[]) => request.globalsFor === undefined ? request.globals : request.globalsFor(request.globals, part)
  const isKept = (id: string, part: readonly Page[]) => request.isKept(keyOf(request, id, sorted(part), globalsOf(sorted(part))))
  const parts = isExact ? named : await request.costs.split(named, isKept)
  const globals: Record<string, unknown> = {}
  const shards = [...parts].map(([id, part]): Shard => {
    const inOrder = sorted(part)
    globals[id] = globalsOf(inOrder)
    return { id, pages: inOrder, key: keyOf(request, id, inOrder, globals[id]), estimatedMs: request.costs.estimate(id, inOrder) }
  })
  return { shards: shards.sort((a, b) => b.estimatedMs - a.estimatedMs || (a.id < b.id ? -1 : 1)), globals }
}

/** Files that keys are made of. */
export function filesOf (pages: readonly Page[]): string[] {
  return pages.flatMap(({ hash, file, deps = [] }) => hash === undefined ? [...file === undefined ? [] : [file], ...deps] : [])
}

/** Without absolute paths: the same sources in another directory, or on another machine, have the same key. */
function keyOf ({ cwd, salt, hashes }: PlanRequest, id: string, pages: readonly Page[], globals: unknown): string {
  const hashOf = (path: string) => [nameOf(cwd, path), hashes.get(path)]
  try {
    return sha256(digestOf([PROTOCOL, salt, id, globals, pages.map(({ file, deps = [], ...page }) =>
      page.hash === undefined ? [page, file === undefined ? [] : hashOf(file), deps.map(hashOf)] : [page])]))
  } catch (error) {
    const culprit = hasDigest(globals) ? `the page ${show(pages.find(page => !hasDigest(page))?.id)}` : '`globals`'
    throw new TypeError(`${culprit} cannot be hashed: ${(error as Error).message}`)
  }
}

function hasDigest (value: unknown): boolean {
  try {
    digestOf(value)
    return true
  } catch {
    return false
  }
}

const sorted = (pages: readonly Page[]): Page[] => [...pages].sort((a, b) => a.id < b.id ? -1 : 1)

function nameOf (cwd: string, path: string): string {
  const file = resolve(cwd, path)
  // `relative()` is much slower, and nearly all files are below.
  return withSlashes(file.startsWith(cwd + sep) ? file.slice(cwd.length + 1) : relative(cwd, file))
}

function checkPartition (value: unknown, pages: readonly Page[]): string | undefined {
  if (!(value instanceof Map)) return `the partition must give a Map of pages by shard id, got ${show(value)}`
  const counts = new Map(pages.map(page => [page, 0]))
  for (const [id, part] of value) {
    if (typeof id !== 'string' || id === '' || /\p{Cc}/u.test(id)) return `the partition must name shards by a text, got ${show(id)}`
    if (!Array.isArray(part)) return `the partition must give an array of pages for the shard ${id}, got ${show(part)}`
    for (const page of part) {
      const before = counts.get(page)
      if (before === undefined) return `the partition gives a page that was not given to it, in the shard ${id}: ${show(page)}`
      counts.set(page, before + 1)
    }
  }
  const named = (wanted: (count: number) => boolean) => [...counts].filter(([, count]) => wanted(count)).map(([{ id }]) => show(id))
  const [lost, doubled] = [named(count => count === 0), named(count => count > 1)]
  if (lost.length > 0) return `the partition loses pages: ${few(lost)}`
  return doubled.length > 0 ? `the partition gives pages to several shards: ${few(doubled)}` : undefined
}
