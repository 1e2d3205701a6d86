// What every builder promises. Give it a factory; it runs a builder through everything the pipeline relies on.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
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
  start (builder: Builder, context?: BuildContext): Promise<BuildResult>
  /** The same, and fails when it does not end with a result. */
  run (builder: Builder, context?: BuildContext, id?: string): Promise<BuildResult>
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
    marks: count => until(() => readFileSync(mark, 'latin1').length === count, `${count} characters in \`mark\` by \`hang\` or \`late-throw\``, timeout),
    start: (builder, context = contextOf()) => within(timeout, 'the end of a build', (async () => await builder.build(request, context))()),
    run: (builder, context = contextOf(), id = request.id) => within(timeout, 'the end of a build', outcomeOf(builder, { ...request, id }, context))
  }
  for (const [what, check] of Object.entries(CASES)) test(`${name}: ${what}`, () => check(parts))
}

async function outcomeOf (builder: Builder, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const result = await (async () => await builder.build(request, context))().catch((error: unknown) => {
    throw new Error(`build() resolves for every outcome, and rejects only when it is aborted; it rejected with ${show(error)}`, { cause: error })
  })
  assert.ok(typeof result?.ok === 'boolean' && Array.isArray(result.diagnostics), `build() resolves with { ok, ms, diagnostics }; it did with ${show(result)}`)
  return result
}

/** Fails unless it rejects with this reason. One that crossed processes is another Error with the same message. */
async function assertAborted (when: string, build: Promise<BuildResult>, reason: Error): Promise<void> {
  const ended = await build.then(result => `it resolved with ${show(result)}`, (error: unknown) =>
    error === reason || (error instanceof Error && error.message === reason.message) ? undefined : `it rejected with ${show(error)}`)
  assert.equal(ended, undefined, `a build that is aborted ${when} rejects with the reason of its signal; ${ended}`)
}

function show (value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : inspect(value, { breakLength: Infinity })
}

const CASES: Readonly<Record<string, Case>> = {
  'every outcome of a build is a value': async ({ make, without, run }) => {
    const good = await make('success')
    assert.equal(typeof good.name, 'string', `a builder has a name; it is ${show(good.name)}`)
    const result = await run(good)
    assert.equal(result.ok, true, `\`ok\` of a build that ends well is true; the result is ${show(result)}`)
    const wrong = result.diagnostics.filter(one => one.severity === 'error')
    assert.deepEqual(wrong, [], `a build that ends well has no errors; it has ${show(wrong)}`)
    assert.ok(result.ms >= 0 && result.ms < 60_000, `\`ms\` is a duration; it is ${result.ms}`)
    assertPlain(result)
    const again = await run(good, contextOf(), 'build-2')
    assert.equal(again.ok, true, `a builder builds again; the second result is ${show(again)}`)
    await good.close?.()
    const bad = await make('failure')
    const failed = await run(bad)
    assert.equal(failed.ok, false, `\`ok\` of a build that ends badly is false; the result is ${show(failed)}`)
    assert.ok(failed.diagnostics.some(one => one.severity === 'error' && one.message.includes('broken on purpose')), `a failure has its reason as a diagnostic; it has ${show(failed.diagnostics)}`)
    await bad.close?.()
    if (without.includes('throw')) return
    const throwing = await make('throw')
    const thrown = await run(throwing)
    assert.equal(thrown.ok, false, `\`ok\` of a build that throws is false; the result is ${show(thrown)}`)
    assert.match(String(thrown.diagnostics[0]?.message), /thrown on purpose.*the cause/s, `what is thrown is a diagnostic with its cause; there are ${show(thrown.diagnostics)}`)
    const next = await run(throwing)
    assert.equal(next.ok, false, `a builder that has thrown builds again; the second result is ${show(next)}`)
    await throwing.close?.()
  },

  "an abort rejects with the signal's reason, soon": async ({ make, mark, marks, start }) => {
    const builder = await make('hang')
    try {
      const reason = new Error('stale')
      writeFileSync(mark, '')
      await assertAborted('before it starts', start(builder, contextOf(AbortSignal.abort(reason))), reason)
      const took: number[] = []
      // The best of three: a busy machine is not the builder's fault.
      while (took.length < 3 && !took.some(ms => ms <= LIMIT)) {
        const stop = new AbortController()
        const build = start(builder, contextOf(stop.signal))
        build.catch(() => {})
        await marks(took.length + 1)
        const began = performance.now()
        stop.abort(reason)
        await assertAborted('while it runs', build, reason)
        took.push(performance.now() - began)
      }
      assert.ok(Math.min(...took) <= LIMIT, `an abort takes at most ${LIMIT} ms; it took ${took.map(Math.round)} ms`)
    } finally {
      await builder.close?.()
    }
  },

  'tells progress and lines': async ({ make, without, run }) => {
    if (!without.includes('progress')) {
      const builder = await make('progress')
      const context = contextOf()
      assert.equal((await run(builder, context)).ok, true, 'a build that tells progress ends well')
      // A builder may tell more, such as that all is done.
      const [first] = context.seen.map(({ label, done, total }) => ({ label, done, total }))
      assert.deepEqual(first, { label: 'pages', done: 1, total: 2 }, `progress reaches context.progress(); the first was ${show(first)}`)
      await builder.close?.()
    }
    if (without.includes('log')) return
    const builder = await make('log')
    const context = contextOf()
    assert.equal((await run(builder, context)).ok, true, 'a build that logs ends well')
    assert.ok(context.lines.includes('a line'), `lines reach context.log(); there were ${show(context.lines)}`)
    await builder.close?.()
  },

  'what is thrown after the end does no harm': async ({ make, mark, without, marks, run }) => {
    if (without.includes('late-throw')) return
    const builder = await make('late-throw')
    writeFileSync(mark, '')
    for (let i = 0; i < 2; i++) {
      const { ok } = await run(builder)
      assert.equal(ok, true, 'what a build throws after its end changes no result')
      await marks(i + 1)
    }
    await builder.close?.()
  },

  'twice at once': async ({ make, run }) => {
    const builder = await make('success')
    const results = await Promise.all([run(builder), run(builder, contextOf(), 'build-2')])
    assert.deepEqual(results.map(result => result.ok), [true, true], `a builder builds twice at once; the results are ${show(results)}`)
    await builder.close?.()
  },

  'closed while it runs, and twice': async ({ make, mark, marks, start }) => {
    const builder = await make('hang')
    writeFileSync(mark, '')
    const stop = new AbortController()
    const reason = new Error('the app closes')
    const build = start(builder, contextOf(stop.signal))
    build.catch(() => {})
    await marks(1)
    // As the pipeline does: abort, then close.
    stop.abort(reason)
    for (const time of ['first', 'second']) {
      await (async () => await builder.close?.())().catch((error: unknown) => assert.fail(`close() may be called while a build runs, and twice; the ${time} time it threw ${show(error)}`))
    }
    await assertAborted('and closed', build, reason)
  }
}

/** Results cross processes. */
function assertPlain (result: BuildResult): void {
  let copy: unknown
  try {
    copy = structuredClone(result)
  } catch (error) {
    assert.fail(`a result is plain data; ${show(error)}`)
  }
  assert.deepEqual(copy, { ...result }, `a result is plain data; a copy of it is ${show(copy)}`)
}
