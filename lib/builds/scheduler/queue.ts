// At most one build running and one waiting, with the newest inputs; a newer change makes the running one stale.
import { setMaxListeners } from 'node:events'
import type { BuildContext, BuildReason, BuildRequest, BuildResult, Builder, Diagnostic, Progress } from '../../../types/build.js'
import type { BuildStatus } from '../../../types/message.js'
import { atMost, createDeadline } from './deadline.js'
import { describe } from '../diagnostics/describe.js'
import { createRedact } from '../diagnostics/redact.js'

export interface QueueParts {
  readonly name: string
  readonly builder: Builder
  readonly cwd: string
  /** Milliseconds a build may take. */
  readonly timeout: number
  started (request: BuildRequest): void
  progress (request: BuildRequest, progress: Progress): void
  /** `result` is absent when the build was aborted. The next build waits for what this returns. */
  ended (request: BuildRequest, result: BuildResult | undefined): Promise<void>
  log (text: string): void
  /** Something beside a build failed. */
  warn (text: string): void
}

export interface BuildQueue {
  readonly name: string
  /** A build runs, or its end is still being worked on. */
  readonly busy: boolean
  status (): BuildStatus
  /** Settles with the result of the build that covers this request, which may be a later one. */
  request (reason: BuildReason, changed: readonly string[]): Promise<BuildResult>
  /** These belong to the running build: if it is aborted, the next one has them. */
  absorb (changed: readonly string[]): void
  /** Prepares the builder ahead of its first build. */
  warm (): void
  close (): Promise<void>
}

interface Job {
  readonly reason: BuildReason
  readonly changed: Set<string>
  /** Something asked for everything to be built. */
  readonly whole: boolean
  readonly waiters: ((result: BuildResult) => void)[]
}

/** So many stale builds in a row are given up; the next runs to its end, or saves that keep coming would show nothing for ever. */
const MAX_ABORTS = 3
/** A builder that does not settle after an abort is left behind: it would hold up the next build, or the app's end, for ever. */
const PATIENCE = 2_000
let lastId = 0

export function createQueue (parts: QueueParts): BuildQueue {
  const redact = createRedact()
  let waiting: Job | undefined
  let running: AbortController | undefined
  let current: Job | undefined
  let loop: Promise<void> | undefined
  let closed = false
  let aborts = 0
  let status: BuildStatus = { state: 'idle', name: parts.name }

  function take (): Job | undefined {
    const job = closed ? undefined : waiting
    if (job !== undefined) waiting = undefined
    return job
  }

  async function work (): Promise<void> {
    for (let job = take(); job !== undefined; job = take()) {
      const result = await run(job).catch(broken)
      if (result === undefined) waiting = merge(job, waiting)
      else for (const resolve of job.waiters) resolve(result)
    }
    loop = undefined
  }

  /** A builder that fails beside its builds harms nobody. */
  async function attempt (what: string, run: () => Promise<void>): Promise<void> {
    await run().catch((error: unknown) => parts.warn(`${what} of the builder failed: ${describe(error).message}`))
  }

  /** Nobody would hear of a rejection, and it would end the app. */
  function broken (error: unknown): BuildResult {
    const diagnostic = describe(error)
    const result: BuildResult = { ok: false, ms: 0, diagnostics: [diagnostic] }
    status = statusOf(parts.name, result)
    parts.warn(`how the build went could not be told: ${diagnostic.message}`)
    return result
  }

  async function run (job: Job): Promise<BuildResult | undefined> {
    const controller = running = new AbortController()
    current = job
    setMaxListeners(0, controller.signal)
    const request: BuildRequest = {
      id: `${parts.name}-${++lastId}`,
      reason: job.reason,
      cwd: parts.cwd,
      changed: job.whole ? [] : [...job.changed],
      incremental: !job.whole && status.state === 'ok'
    }
    const before = status
    status = { ...before, state: 'started' }
    parts.started(request)
    let over = false
    const outcome = await settle(parts.builder, request, {
      signal: controller.signal,
      log: text => parts.log(redact.text(String(text))),
      progress: progress => { if (!over && !controller.signal.aborted) parts.progress(request, progress) }
    }, parts.timeout)
    over = true
    const result = outcome && redact.result(outcome)
    aborts = result === undefined ? aborts + 1 : 0
    status = result === undefined ? before : statusOf(parts.name, result)
    await parts.ended(request, result)
    return result
  }

  return {
    name: parts.name,
    get busy () { return loop !== undefined },
    status: () => status,

    request (reason, changed) {
      return new Promise(resolve => {
        if (closed) return resolve(CLOSED)
        const whole = changed.length === 0
        const job: Job = { reason, changed: new Set(changed), whole, waiters: [resolve] }
        waiting = waiting === undefined ? job : merge(waiting, job)
        if (aborts < MAX_ABORTS) running?.abort(new Error('a newer change made this build stale'))
        loop ??= work()
      })
    },

    absorb (changed) {
      for (const path of changed) current?.changed.add(path)
    },

    warm () {
      attempt('warm()', async () => parts.builder.warm?.())
    },

    async close () {
      closed = true
      running?.abort(new Error('the app closes'))
      await loop
      for (const resolve of waiting?.waiters ?? []) resolve(CLOSED)
      await atMost(attempt('close()', async () => parts.builder.close?.()), PATIENCE)
    }
  }
}

const CLOSED: BuildResult = { ok: false, ms: 0, diagnostics: [{ severity: 'error', message: 'not built: the app closes' }] }

function merge (older: Job, newer: Job | undefined): Job {
  if (newer === undefined) return older
  return {
    reason: newer.reason,
    changed: new Set([...older.changed, ...newer.changed]),
    whole: older.whole || newer.whole,
    waiters: [...older.waiters, ...newer.waiters]
  }
}

/** The result of a build, `undefined` when it was aborted. One that goes on past its time is left behind. */
async function settle (builder: Builder, request: BuildRequest, context: BuildContext, timeout: number): Promise<BuildResult | undefined> {
  const start = performance.now()
  const deadline = createDeadline(context.signal, timeout)
  const fail = (diagnostic: Diagnostic): BuildResult => ({ ok: false, ms: performance.now() - start, diagnostics: [diagnostic] })
  let timer: NodeJS.Timeout | undefined
  const outcome = await new Promise<BuildResult>((resolve, reject) => {
    deadline.signal.addEventListener('abort', () => {
      if (deadline.timedOut) reject(deadline.signal.reason)
      else timer = setTimeout(reject, PATIENCE, deadline.signal.reason)
    }, { once: true })
    builder.build(request, { ...context, signal: deadline.signal }).then(resolve, reject)
  }).catch((error: unknown) => fail(deadline.timedOut ? { severity: 'error', message: `the build did not end within ${timeout} ms (build.timeout)` } : describe(error)))
  clearTimeout(timer)
  deadline.clear()
  return context.signal.aborted && !deadline.timedOut ? undefined : outcome
}

function statusOf (name: string, result: BuildResult): BuildStatus {
  return { state: result.ok ? 'ok' : 'failed', name, diagnostics: result.diagnostics, ms: Math.round(result.ms) }
}
