// What every builder promises. Give it a factory; it runs a builder through everything the pipeline relies on.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { BuildContext, BuildRequest, BuildResult, Builder, Progress } from '../../../types/build.js'
import { until, within, type Runner } from './wait.js'

/** What a builder is to do. */
export type Behaviour =
  /** Ends well. */
  | 'success'
  /** Ends badly, with a diagnostic whose message has "broken on purpose". */
  | 'failure'
  /** Throws an Error "thrown on purpose" whose cause is an Error "the cause". */
  | 'throw'
  /** Adds a character to the file `mark`, does not end by itself, and ignores its signal. */
  | 'hang'
  /** Tells a progress of 1 of 2, labelled "pages", and ends well. */
  | 'progress'
  /** Logs "a line", and ends well. */
  | 'log'
  /** Ends well, and afterwards adds a character to the file `mark` and throws. */
  | 'late-throw'

export interface BuilderSubject {
  make (behaviour: Behaviour): Builder | Promise<Builder>
  /** A file by which a builder tells how far it is, wherever it runs. */
  readonly mark: string
  /** What this kind of builder can not do. */
  readonly without?: readonly Behaviour[]
  /** @default the working directory */
  readonly cwd?: string
  /** Milliseconds to wait for what never comes. @default 20_000 */
  readonly timeout?: number
}

/** Milliseconds an abort may take. */
const LIMIT = 250

/** A request as the pipeline makes it. */
export function requestOf (more: Partial<BuildRequest> = {}): BuildRequest {
  return { id: 'build-1', reason: 'manual', cwd: process.cwd(), changed: [], incremental: false, ...more }
}

/** A context that keeps what a builder tells. */
export interface Listening extends BuildContext { readonly lines: string[], readonly seen: Progress[] }

export function contextOf (signal: AbortSignal = new AbortController().signal): Listening {
  const lines: string[] = []
  const seen: Progress[] = []
  return { signal, lines, seen, log: text => { lines.push(text) }, progress: progress => { seen.push(progress) } }
}

interface Parts extends Required<Omit<BuilderSubject, 'make'>> {
  make: BuilderSubject['make']
  request: BuildRequest
  marks (count: number): Promise<void>
  /** Builds, and fails when that does not end. */
  run (builder: Builder, context?: BuildContext, request?: BuildRequest): Promise<BuildResult>
}

type Case = (parts: Parts) => Promise<void>

/** Defines a test for each promise of a builder, by `test` of node:test, tap or vitest. */
export function testBuilder (name: string, { make, mark, without = [], cwd = process.cwd(), timeout = 20_000 }: BuilderSubject, { test }: Runner): void {
  const request = requestOf({ cwd })
  const parts: Parts = {
    make,
    mark,
    without,
    cwd,
    timeout,
    request,
    marks: count => until(() => readFileSync(mark, 'latin1').length === count, `${count} marks`, timeout),
    run: (builder, context = contextOf(), asked = request) => within(timeout, 'the end of a build', builder.build(asked, context))
  }
  for (const [what, check] of Object.entries(CASES)) test(`${name}: ${what}`, () => check(parts))
}

const CASES: Readonly<Record<string, Case>> = {
  'every outcome of a build is a value': async ({ make, without, request, run }) => {
    const good = await make('success')
    assert.equal(typeof good.name, 'string')
    const result = await run(good)
    assert.equal(result.ok, true)
    assert.deepEqual(result.diagnostics.filter(one => one.severity === 'error'), [])
    assert.ok(result.ms >= 0 && result.ms < 60_000, `ms is a duration: ${result.ms}`)
    assert.deepEqual(structuredClone(result), { ...result }, 'plain data')
    assert.equal((await run(good, contextOf(), { ...request, id: 'build-2' })).ok, true, 'and again')
    await good.close?.()
    const bad = await make('failure')
    const failed = await run(bad)
    assert.equal(failed.ok, false)
    assert.ok(failed.diagnostics.some(one => one.severity === 'error' && one.message.includes('broken on purpose')), 'a failure has its reason')
    await bad.close?.()
    if (without.includes('throw')) return
    const throwing = await make('throw')
    const thrown = await run(throwing)
    assert.equal(thrown.ok, false)
    assert.match(String(thrown.diagnostics[0]?.message), /thrown on purpose.*the cause/s)
    assert.equal((await run(throwing)).ok, false, 'it can be asked again')
    await throwing.close?.()
  },

  "an abort rejects with the signal's reason, soon": async ({ make, mark, marks, run }) => {
    const builder = await make('hang')
    try {
      const reason = new Error('stale')
      const isReason = (error: unknown): boolean => error === reason || (error instanceof Error && error.message === reason.message)
      writeFileSync(mark, '')
      await assert.rejects(run(builder, contextOf(AbortSignal.abort(reason))), isReason, 'aborted before')
      const took: number[] = []
      // The best of three: a busy machine is not the builder's fault.
      while (took.length < 3 && !took.some(ms => ms <= LIMIT)) {
        const stop = new AbortController()
        const build = run(builder, contextOf(stop.signal))
        build.catch(() => {})
        await marks(took.length + 1)
        const start = performance.now()
        stop.abort(reason)
        await assert.rejects(build, isReason)
        took.push(performance.now() - start)
      }
      assert.ok(Math.min(...took) <= LIMIT, `within ${LIMIT} ms: ${took.map(Math.round)}`)
    } finally {
      await builder.close?.()
    }
  },

  'tells progress and lines': async ({ make, without, run }) => {
    if (!without.includes('progress')) {
      const builder = await make('progress')
      const context = contextOf()
      assert.equal((await run(builder, context)).ok, true)
      // A builder may tell more, such as that all is done.
      const [first] = context.seen.map(({ label, done, total }) => ({ label, done, total }))
      assert.deepEqual(first, { label: 'pages', done: 1, total: 2 })
      await builder.close?.()
    }
    if (without.includes('log')) return
    const builder = await make('log')
    const context = contextOf()
    assert.equal((await run(builder, context)).ok, true)
    assert.ok(context.lines.includes('a line'), 'the line is logged')
    await builder.close?.()
  },

  'what is thrown after the end does no harm': async ({ make, mark, without, marks, run }) => {
    if (without.includes('late-throw')) return
    const builder = await make('late-throw')
    writeFileSync(mark, '')
    for (let i = 0; i < 2; i++) {
      assert.equal((await run(builder)).ok, true)
      await marks(i + 1)
    }
    await builder.close?.()
  },

  'twice at once': async ({ make, request, run }) => {
    const builder = await make('success')
    const results = await Promise.all([run(builder), run(builder, contextOf(), { ...request, id: 'build-2' })])
    assert.deepEqual(results.map(result => result.ok), [true, true])
    await builder.close?.()
  },

  'closed while it runs, and twice': async ({ make, mark, marks, run }) => {
    const builder = await make('hang')
    writeFileSync(mark, '')
    const stop = new AbortController()
    const build = run(builder, contextOf(stop.signal)).then(() => 'ended', () => 'aborted')
    await marks(1)
    // As the pipeline does: abort, then close.
    stop.abort(new Error('the app closes'))
    await builder.close?.()
    await builder.close?.()
    assert.equal(await build, 'aborted')
  }
}
