// The life of one root: found, opened, healed, lost, found again. Native events where they can be trusted, else polling.
import { setTimeout } from 'node:timers/promises'
import type { WatchState } from '../../../types/change.js'
import type { BackendHandle, WatchBackend } from '../backends/backend.js'
import { blindFileSystem } from '../backends/file-system.js'
import { explain, systemCode } from '../backends/limits.js'
import { tryAgain } from './retry.js'
import { findPlace, isSame, type Place } from './root-identity.js'
import { createRetiring, LINGER } from './delayed-close.js'
import type { Tree } from '../index/tree.js'
import type { Passes } from '../timing/time-slicer.js'

export interface RootSettings {
  readonly path: string
  readonly backend: 'auto' | 'native' | 'poll'
  readonly native: WatchBackend
  readonly poll: WatchBackend
  readonly pollInterval: number
  readonly tree: Tree
  readonly passes: Passes
  /** A name came or went: the rest of an atomic save is near. */
  around (path: string): void
  doubt (): void
  warn (reason: string): void
  /** Milliseconds until a root that fell back to polling tries events again; doubles up to ten minutes. */
  readonly retry?: number
}

export interface Root {
  readonly path: string
  start (): Promise<void>
  /** Asks the disk whether the root is still the one that was opened. Cheap; called often. */
  tick (): void
  /** Opens again soon, because what is ignored changed. */
  renew (): void
  scan (burst?: boolean): Promise<void>
  state (): { readonly state: WatchState, readonly reason?: string }
  native (): boolean
  close (): Promise<void>
}

/** So many paths in one hint: the system's queue may have overflowed. */
const FLOOD = 500
/** The native watcher compares every path with every ignored one. */
const MOST = 200

export function createRoot ({ path, backend, native, poll, pollInterval, tree, passes, around, doubt, warn, retry = 60_000 }: RootSettings): Root {
  let mode: WatchBackend = backend === 'poll' ? poll : native
  let reason: string | undefined = backend === 'poll' ? 'polling was asked for' : undefined
  let failed = false
  let blind: string | undefined
  let place: Place | undefined
  let handle: BackendHandle | undefined
  let crawled = false
  const early: (readonly string[] | undefined)[] = []
  let pruned = 0
  let attaching: Promise<void> | undefined
  let again = false
  let begun!: () => void
  let whole = true
  let wait = retry
  let retryAt = Infinity
  const life = new AbortController()
  const isClosed = (): boolean => life.signal.aborted

  async function hint (paths: readonly string[] | undefined): Promise<boolean> {
    if (isClosed()) return false
    if (!crawled) {
      early.push(paths)
      return false
    }
    const before = tree.revision()
    if (paths === undefined) await passes.run(tree.look(path, { deep: true }))
    else {
      // None: the events of a batch took each other back, and a file that was there before may be gone.
      if (paths.length === 0 || paths.length >= FLOOD) doubt()
      await passes.run(lookAt(paths), paths.length > 2)
    }
    heal()
    return tree.revision() !== before
  }

  /** Directories the native watcher missed, or watches in vain: it only learns by being opened again. */
  function heal (): void {
    if (mode === native && !native.follows && crawled && (tree.hasFresh() || tree.pruned().size > pruned)) attach()
  }

  function * lookAt (paths: readonly string[]): Generator<void> {
    for (const each of paths) {
      const was = tree.has(each)
      yield * tree.look(each, { deep: true, force: true })
      if (!was || !tree.has(each)) {
        tree.doubt(each)
        if (paths.length <= 8) around(each)
        if (each === path) tick()
      }
      yield
    }
  }

  const find = (): Place | undefined => findPlace(path, place)
  const pause = (ms: number): Promise<unknown> => setTimeout(ms, undefined, { signal: life.signal }).catch(() => {})
  const retiring = createRetiring(pause)

  function attach (): Promise<void> {
    again = true
    attaching ??= repeat().finally(() => { attaching = undefined })
    return attaching
  }

  async function repeat (): Promise<void> {
    while (again && !isClosed()) {
      again = false
      const began = performance.now()
      await reopen()
      if (handle !== undefined || place === undefined || failed) begun()
      if (mode === native && !native.follows && tree.hasFresh()) again = true
      // A tree in turmoil is opened again and again: leave the time to others.
      if (again) await pause(retiring.count() > 2 ? LINGER / 2 : Math.min(2 * (performance.now() - began) + 10, 2000))
    }
  }

  async function reopen (): Promise<void> {
    const found = find()
    if (!isSame(found, place)) {
      whole = true
      if (blind !== undefined) mode = native
    }
    place = found
    if (found === undefined) {
      await drop()
      return await passes.run(tree.look(path))
    }
    if (mode === native && backend === 'auto') {
      blind = blindFileSystem(found.real)
      if (blind !== undefined) retreat(`${path} is on a file system (${blind}) that does not report every change`)
    }
    const fresh = tree.takeFresh()
    if (handle !== undefined && !mode.overlaps) {
      await drop()
      whole = true
    }
    let next: BackendHandle
    try {
      next = await open(found)
    } catch (error) {
      if (find() === undefined) again = true
      else refuse(error as Error)
      return
    }
    retiring.add(handle)
    handle = next
    if (isClosed()) return
    failed = false
    if (mode === native) reason = undefined
    if (whole) await passes.run(tree.look(path, { deep: true, silent: !crawled }))
    else for (const each of fresh.keys()) await passes.run(tree.look(each))
    whole = false
  }

  async function open ({ real }: Place): Promise<BackendHandle> {
    return await tryAgain(async () => {
      pruned = tree.pruned().size
      const ignored = [...tree.pruned(), ...tree.blocked()].slice(0, MOST).map(each => real + each.slice(path.length))
      return await mode.open(real, hintFrom(real), { ignored, pollInterval, lost })
    }, () => !isClosed() && find() !== undefined, pause)
  }

  /** The system names real paths, the app named its own. */
  function hintFrom (real: string): typeof hint {
    if (real === path) return hint
    return paths => hint(paths?.map(each => path + each.slice(real.length)))
  }

  function lost (): void {
    whole = true
    doubt()
    attach()
  }

  async function drop (): Promise<void> {
    const old = handle
    handle = undefined
    await old?.close()
  }

  function refuse (error: Error): void {
    const text = explain(systemCode(error), path, error.message)
    whole = true
    if (backend === 'native') {
      failed = true
      reason = text
      warn(`not watching ${path}: ${text}`)
      return
    }
    retryAt = performance.now() + wait
    wait = Math.min(wait * 2, 600_000)
    retreat(text)
    again = true
  }

  function retreat (why: string): void {
    mode = poll
    reason = why
    warn(`polling ${path} every ${pollInterval} ms: ${why}`)
  }

  function tick (): void {
    if (isClosed() || attaching !== undefined) return
    const found = find()
    if (mode === poll && performance.now() > retryAt) {
      mode = native
      attach()
    } else if (!isSame(found, place)) {
      failed = false
      attach()
    } else {
      passes.run(tree.retry())
      heal()
    }
  }

  return {
    path,
    async start () {
      if (find() !== undefined) await passes.run(tree.walk())
      // Ready with the first round: where directories keep coming, healing goes on for as long.
      await Promise.race([new Promise<void>(resolve => { begun = resolve }), attach()])
      crawled = true
      for (const paths of early.splice(0)) await hint(paths)
    },
    tick,
    renew () { attach() },
    scan: burst => passes.run(tree.look(path, { deep: true }), burst),
    state () {
      if (failed) return { state: 'failed', reason: reason as string }
      if (!crawled) return { state: 'degraded', reason: `the first look at ${path} is not over` }
      if (place === undefined) return { state: 'degraded', reason: `${path} does not exist; it is looked for all the time` }
      if (reason !== undefined) return { state: 'polling', reason }
      const [unreadable] = tree.blocked()
      if (unreadable === undefined) return { state: 'ok' }
      return { state: 'degraded', reason: `can not read ${unreadable}; what changes there is not seen` }
    },
    native: () => mode === native && handle !== undefined,
    async close () {
      life.abort()
      await attaching
      await Promise.all([drop(), retiring.over()])
    }
  }
}
