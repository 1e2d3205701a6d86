// change -> build -> broadcast: what happens between a save and the tabs that show it.
import { existsSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { BuildResult, Diagnostic } from '../types/build.js'
import type { Change, WatchStatus } from '../types/change.js'
import type { IgnoreRule } from '../types/options.js'
import type { BuildMessage, BuildStatus, ReloadMessage, ServerMessage } from '../types/message.js'
import type { LiveReloadEvent, LiveReloadEvents } from '../types/observe.js'
import { asBuilder } from './builds/builders/in-process.js'
import { createHeld } from './builds/scheduler/pending-changes.js'
import { withHooks } from './builds/hooks/hooks.js'
import { createIntake } from './builds/scheduler/hook-window.js'
import { createLoopBreaker, lastTouched } from './builds/scheduler/loop-breaker.js'
import { createPace } from './builds/scheduler/throttle.js'
import { createQueue } from './builds/scheduler/queue.js'
import { errors } from './errors.js'
import type { BuildSettings, Settings } from './options/parse.js'
import type { Classification, SourcedChange } from './classify/classify.js'
import { createWatch, type Watch } from './watch/watch.js'

export interface PipelineParts {
  send (message: ServerMessage): void
  /** Decides what a batch of changes is for the page. */
  classify (changes: readonly SourcedChange[]): Classification
  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void
  readonly log: FastifyBaseLogger
}

export interface ReloadTarget {
  readonly paths?: readonly string[]
  readonly urls?: readonly string[]
}

/** What differs from the settings of the plugin. */
export interface ExtraWatchOptions {
  readonly ignore?: readonly IgnoreRule[]
  readonly gitignore?: boolean
  readonly debounce?: number
}

/** Whatever it returns is ignored. What it throws, or rejects with, is logged. */
export type ChangeListener = (changes: readonly Change[]) => unknown

export interface Pipeline {
  /** Number of the newest change that tabs were told. */
  readonly seq: number
  readonly paused: boolean
  /** Settles when everything is watched and the first builds have ended, whatever their outcome, or the app closes. */
  readonly ready: Promise<void>
  /** Waits for `ready`, but not for ever; true when there was something to wait for. */
  built (): Promise<boolean>
  start (): Promise<void>
  /** Reloads every tab, or those that show one of `urls`. People see `paths`. */
  reload (target?: ReloadTarget): void
  /** Treats these absolute paths as outputs that changed just now: classified, then sent as an update or a reload. */
  update (paths: readonly string[]): void
  /** One more watch. Its changes go to the listener only. Returns its undo. */
  watch (paths: readonly string[], options: ExtraWatchOptions, listener: ChangeListener): () => void
  build (name?: string): Promise<BuildResult[]>
  pause (): void
  resume (): void
  watches (): WatchStatus[]
  builds (): Record<string, BuildStatus>
  close (): Promise<void>
}

/** A person waits this long for a page that the first build is still making, ms. */
const PATIENCE = 30_000
/** Warnings of a good build that are logged. */
const MAX_WARNINGS = 5

export function createPipeline (settings: Settings, { send, classify, emit, log }: PipelineParts): Pipeline {
  const roots = settings.roots.map(root => root.path)
  const extras = new Set<Watch>()
  const held = createHeld<SourcedChange>()
  let seq = 0
  let paused = false
  let starting = true
  let settle!: () => void
  const ready = new Promise<void>(resolve => { settle = resolve }).then(() => { starting = false })

  // 1. Something that is served, or read by the app itself, has changed.
  const outputs = watch('root', roots, false, changes => {
    emit('change', { source: 'output', changes })
    tell(changes.map(change => ({ ...change, source: 'output' })), held.idle)
  })
  const reads = watch('watch', settings.watch, settings.gitignore, changes => {
    emit('change', { source: 'watch', changes })
    tell(changes.map(change => ({ ...change, source: 'watch' })), true)
  })

  // 2. A source has changed: its build runs, and then its outputs have changed.
  const pipelines = settings.builds.map(build => {
    const { name } = build
    const status = (state: BuildMessage['state'], more: Partial<BuildMessage> = {}) => send({ type: 'build', state, name, ...more })

    const intake = createIntake({
      look: () => input.check(),
      absorb: paths => queue.absorb(paths),
      build: paths => loop.changed(paths)
    })
    const queue = createQueue({
      name,
      builder: withHooks(asBuilder(build.builder, name), build.hooks, intake),
      cwd: settings.cwd,
      timeout: build.timeout,
      log: text => log.info(`${name}: ${text}`),
      warn: text => log.warn(`${name}: ${text}`),
      started ({ id, changed }) {
        held.started(name)
        loop.started()
        emit('build:start', { name, id, changed })
        status('started')
      },
      progress ({ id }, progress) {
        emit('build:progress', { name, id, progress })
        status('progress', { done: progress.done, total: progress.total })
      },
      async ended ({ id }, result) {
        // Events come late: look now, so that what the build wrote is known before anything is said about it.
        if (result !== undefined) await outputs.check(result.ok ? result.outputs : undefined)
        loop.ended()
        held.ended(name, result)
        emit('build:end', { name, id, ...(result && { result }) })
        intake.ended()
        if (result === undefined) return
        // An edit while the build ran must not be lost, and a burst that goes on is still one.
        input.scan()
        report(name, result)
        if (result.ok) status('ok', { ms: Math.round(result.ms) })
        else status('failed', { diagnostics: result.diagnostics })
        tell([], held.idle)
      }
    })

    const pace = createPace(paths => { queue.request('change', paths) })
    const loop = createLoopBreaker({
      build: pace.changed,
      touched: lastTouched,
      looping: paths => {
        const message = `the build ${name} changes what it watches (${paths.slice(0, 3).map(shorten).join(', ')}): from here on it is built only every 30 s; let it write elsewhere, or add the path to build.ignore`
        log.error(message)
        status('failed', { diagnostics: [{ severity: 'error', message }] })
      }
    })

    const input = watch(name, build.source, settings.gitignore, changes => {
      emit('change', { source: 'input', name, changes })
      intake.changed(pathsOf(changes))
    }, build)

    return { name, queue, input, loop, pace }
  })

  // 3. Tabs are told once: outputs of a running build wait for its end, and those of a failed one for the next good one, so that no half-built page is shown.
  function tell (changes: readonly SourcedChange[], now: boolean): void {
    for (const change of changes) held.add(change)
    if (paused || !now) return
    const all = held.take()
    if (all.length > 0) announce(classify(all), all.map(({ path }) => path))
  }

  function announce (classification: Classification | Pick<ReloadMessage, 'type' | 'urls'>, paths: readonly string[]): void {
    seq++
    if (classification.type === 'update') send({ ...classification, seq })
    else send({ ...classification, seq, ...(paths.length > 0 && { paths: [...new Set(paths)].slice(0, 20).map(shorten) }) })
  }

  function watchMore (paths: readonly string[], options: ExtraWatchOptions, listener: ChangeListener): () => void {
    const { ignore = [], gitignore = settings.gitignore, debounce = settings.debounce } = options
    const extra = createWatch({ name: 'plugin', roots: paths, exclude: [], ignore: [...settings.ignore, ...ignore], gitignore, backend: settings.backend, pollInterval: settings.pollInterval, debounce }, changes => {
      emit('change', { source: 'plugin', changes })
      Promise.resolve(changes).then(listener).catch((err: unknown) => { log.error({ err }, 'a listener of app.liveReload.watch() failed') })
    }, log)
    extras.add(extra)
    return () => {
      extras.delete(extra)
      extra.close().catch((err: unknown) => { log.error({ err }, 'a watch did not close') })
    }
  }

  function watch (name: string, paths: readonly string[], gitignore: boolean, told: (changes: readonly Change[]) => void, build?: BuildSettings): Watch {
    return createWatch({
      name,
      roots: paths,
      // An output directory inside of a source directory never starts its own build, and one inside of `watch` is not told twice.
      exclude: paths === roots ? [] : roots.filter(root => paths.some(source => root.startsWith(source + sep))),
      ignore: [...settings.ignore, ...build?.ignore ?? []],
      gitignore,
      backend: settings.backend,
      pollInterval: settings.pollInterval,
      debounce: settings.debounce
    }, told, log)
  }

  function report (name: string, result: BuildResult): void {
    const ms = Math.round(result.ms)
    const place = ({ file, line }: Diagnostic) => file === undefined ? '' : ` (${shorten(file)}:${line ?? 1})`
    const first = result.diagnostics.find(d => d.severity === 'error')
    if (!result.ok) return log.error(`${name}: failed after ${ms} ms: ${first === undefined ? 'no reason given' : first.message + place(first)}; the last good output stays`)
    for (const one of result.diagnostics.slice(0, MAX_WARNINGS)) log.warn(`${name}: ${one.message}${place(one)}`)
    log.info(`${name}: built in ${ms} ms`)
  }

  const shorten = (path: string): string => relative(settings.cwd, path) || '.'
  const pathsOf = (changes: readonly Change[]): string[] => changes.map(change => change.path)
  const inputs = () => pipelines.map(({ input }) => input)

  return {
    get seq () { return seq },
    get paused () { return paused },

    ready,

    async built () {
      if (!starting || pipelines.length === 0) return false
      let timer: NodeJS.Timeout | undefined
      await Promise.race([ready, new Promise(resolve => { timer = setTimeout(resolve, PATIENCE) })])
      clearTimeout(timer)
      return true
    },

    async start () {
      for (const { queue } of pipelines) queue.warm()
      await Promise.all([outputs.ready, reads.ready, ...inputs().map(input => input.ready)])
      await Promise.all(pipelines.map(({ queue }) => queue.request('start', [])))
      settle()
    },

    reload: ({ paths = [], urls } = {}) => announce({ type: 'reload', ...(urls !== undefined && { urls }) }, paths),
    update: paths => tell(paths.map(path => ({ path, type: existsSync(path) ? 'update' : 'delete', source: 'output' })), held.idle),
    watch: watchMore,

    build (name) {
      const chosen = pipelines.filter(pipeline => name === undefined || pipeline.name === name)
      if (name !== undefined && chosen.length === 0) throw new errors.FST_LIVE_RELOAD_NO_SUCH_BUILD(name, pipelines.map(p => p.name).join(', ') || 'none')
      return Promise.all(chosen.map(({ queue }) => queue.request('manual', [])))
    },

    pause () { paused = true },
    resume () {
      paused = false
      tell([], held.idle)
    },

    watches: () => [outputs, reads, ...inputs(), ...extras].map(watch => watch.status()).filter(status => status.roots.length > 0),
    builds: () => Object.fromEntries(pipelines.map(({ name, queue }) => [name, queue.status()])),

    async close () {
      settle()
      for (const { loop, pace } of pipelines) {
        loop.close()
        pace.close()
      }
      await Promise.all([outputs, reads, ...inputs(), ...extras].map(watch => watch.close()))
      await Promise.all(pipelines.map(({ queue }) => queue.close()))
    }
  }
}
