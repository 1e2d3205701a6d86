// disk -> changes: joins roots, index, batches and audits into one Watch.
import { basename } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Change, WatchState, WatchStatus } from '../../types/change.js'
import type { IgnoreRule } from '../../types/options.js'
import { createAudit } from './timing/audit.js'
import { clock, createBatch } from './timing/batch.js'
import type { Print } from './index/content.js'
import { createHot } from './timing/recheck.js'
import { createIgnore } from './ignore/ignore.js'
import { createNative } from './backends/native.js'
import { createPasses } from './timing/time-slicer.js'
import { createPoll } from './backends/poll.js'
import { createRoot, type Root } from './root/root.js'
import { createTree, type Tree } from './index/tree.js'

/** Tells every difference on disk, once, and says when it can not. */
export interface Watch {
  /** Settles when the first crawl is done. From here on every difference is told. Never rejects: see `status()`. */
  readonly ready: Promise<void>
  status (): WatchStatus
  /**
   * Compares with the disk now instead of waiting for events, of these paths or of everything;
   * what differs, and what was still being gathered, has been told when it settles.
   */
  check (paths?: Iterable<string>): Promise<void>
  /** Compares everything with the disk now; what differs is told in its own time, as after an event. */
  scan (): Promise<void>
  /** Ends all watching; nothing is told afterwards. Idempotent. */
  close (): Promise<void>
}

export interface WatchSettings {
  readonly name: string
  /** Absolute: directories, files, or what will be one. */
  readonly roots: readonly string[]
  readonly ignore: readonly IgnoreRule[]
  /** Absolute paths never looked into, such as outputs inside of a source. */
  readonly exclude: readonly string[]
  readonly gitignore: boolean
  readonly backend: 'auto' | 'native' | 'poll'
  readonly pollInterval: number
  readonly debounce: number
}

/** Larger files may come in pieces: they are told when they held still for a moment. */
const WHOLE = 128 * 1024
/** Milliseconds the native watcher holds events back at most. */
const HELD = 600
/** A directory with more names is not read again and again. */
const NARROW = 200
/** Files that are looked at in some 50 ms. */
const CHEAP = 15_000
const WORST: readonly WatchState[] = ['failed', 'polling', 'degraded', 'ok']

interface Part { readonly root: Root, readonly tree: Tree, stale (path?: string): boolean }

export function createWatch (settings: WatchSettings, told: (changes: readonly Change[]) => void, parent: FastifyBaseLogger): Watch {
  const log = parent.child({ watch: settings.name })
  const paths = [...new Set(settings.roots)]
  const said = new Set<string>()
  /** Their ignore rules changed. Before the first crawl is over nothing is applied: all that is there would be new. */
  const changed = new Set<Part>()
  let applying = true
  const native = createNative()
  const poll = createPoll()
  let closing: Promise<void> | undefined

  const batch = createBatch({ debounce: settings.debounce, send, confirm })
  const passes = createPasses({ begin: batch.begin, end: batch.end, failed })
  const hot = createHot({
    look: each => { passes.run(lookAt(each)) },
    around: each => { passes.run(lookAt(each.filter(isNarrow))) },
    still: batch.ripen,
    late: each => { passes.run(lookAt(each), true) }
  }, clock)
  const parts = paths.map(createPart)
  const audit = createAudit({ roots: parts.map(part => part.root), busy: () => batch.waiting() > 0, tick })

  function failed (error: unknown): void {
    log.error({ err: error }, 'live reload: looking at the disk failed')
    audit.doubt()
  }

  function send (changes: readonly Change[]): void {
    try {
      told(changes)
    } catch (error) {
      log.error({ err: error }, 'live reload: a listener for changes threw')
    }
  }

  /** Native events may be held back longer than `debounce`: the disk is asked whether it is quiet, if that is cheap. */
  function confirm (): void {
    for (const { root, tree } of parts) if (root.native() && tree.files() <= CHEAP) root.scan(true)
  }

  function warn (text: string): void {
    if (!said.has(text)) log.warn(`live reload: ${text}`)
    said.add(text)
  }

  function createPart (path: string): Part {
    // Each file belongs to the innermost root, so that no change is told twice.
    const inner = paths.filter(other => other !== path && other.startsWith(path))
    const { ignored, stale } = createIgnore({
      root: path, rules: settings.ignore, exclude: [...settings.exclude, ...inner], gitignore: settings.gitignore, log
    })
    const tree = createTree({
      root: path,
      ignored,
      note (each, before, after) { note(each, before, after, part) },
      unreadable (each, code) {
        warn(code === 'EILSEQ' ? `${each} has a name that is not UTF-8; it is not watched` : `can not read ${each} (${code}); what changes there is not seen`)
      },
      // File systems stamp with a clock that is never ahead: what has a later time was surely changed later.
      started: Date.now() + 1
    })
    const { backend, pollInterval } = settings
    const root = createRoot({
      path, backend, native, poll, pollInterval, tree, passes, warn, around: each => hot.around(each), doubt: () => audit.doubt()
    })
    const part: Part = { root, tree, stale }
    return part
  }

  function note (path: string, before: Print | undefined, after: Print | undefined, part: Part): void {
    const whole = after !== undefined && after.size > 0 && after.size <= WHOLE
    batch.note(path, before, after, whole, after === undefined ? 0 : heldBack(after.mtime))
    hot.file(path)
    if (basename(path) === '.gitignore' && part.stale(path)) reconsider(part)
  }

  // An older time is that of a file which was looked at before and read after it was written, or which was put there with its own.
  const heldBack = (mtime: number): number => {
    const age = Date.now() - mtime
    return age > 0 && age <= HELD ? age : 0
  }

  const isNarrow = (path: string): boolean => parts.every(({ tree }) => tree.width(path) <= NARROW)

  function * lookAt (each: readonly string[]): Generator<void> {
    for (const path of each) {
      for (const { tree } of parts) yield * tree.look(path)
    }
  }

  function reconsider (part: Part): void {
    changed.add(part)
    if (!applying) apply()
  }

  async function apply (): Promise<void> {
    applying = true
    for (const part of changed) {
      // What is found may change rules again: then there is one more round.
      changed.delete(part)
      await passes.run(part.tree.reconsider())
      part.root.renew()
    }
    applying = false
  }

  function tick (): void {
    for (const part of parts) {
      part.root.tick()
      passes.run(part.tree.follow())
      if (part.stale()) reconsider(part)
    }
  }

  async function start (): Promise<void> {
    await Promise.all(parts.map(part => part.root.start()))
    apply()
    audit.start()
    for (const { tree } of parts) audit.idle(tree.fill()).catch(failed)
  }

  const ready = start()

  return {
    ready,
    status () {
      const states = parts.map(({ root }) => root.state())
      const state = WORST.find(each => states.some(found => found.state === each)) ?? 'ok'
      const reason = states.flatMap(found => found.state === 'ok' || found.reason === undefined ? [] : [found.reason]).join('; ')
      const files = parts.reduce((sum, { tree }) => sum + tree.files(), 0)
      return { state, roots: paths, files, ...(reason !== '' && { reason }) }
    },
    async scan () {
      await ready
      await Promise.all(parts.map(({ root }) => root.scan(true)))
    },
    async check (only) {
      await ready
      if (only === undefined) await Promise.all(parts.map(({ root }) => root.scan()))
      else await passes.run(checkAt([...only]), true)
      batch.flush()
    },
    close () {
      closing ??= (async () => {
        for (const each of [passes, batch, hot, audit]) each.close()
        await Promise.all(parts.map(({ root }) => root.close()))
      })()
      return closing
    }
  }

  function * checkAt (each: readonly string[]): Generator<void> {
    for (const path of each) {
      for (const { tree } of parts) yield * tree.look(path, { deep: true, force: true })
    }
  }
}
