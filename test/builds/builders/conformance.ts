// What every builder promises. Give it a factory; it runs a builder through everything the pipeline relies on.
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import type { BuildContext, BuildRequest, Builder, Progress } from '../../../types/build.js'
import { until } from '../../support/wait.js'

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

export interface Subject {
  make (behaviour: Behaviour): Builder | Promise<Builder>
  /** A file by which a builder tells how far it is, wherever it runs. */
  readonly mark: string
  /** What this kind of builder can not do. */
  readonly without?: readonly Behaviour[]
  readonly cwd?: string
}

/** Milliseconds an abort may take. */
const LIMIT = 250

export function requestOf (more: Partial<BuildRequest> = {}): BuildRequest {
  return { id: 'build-1', reason: 'manual', cwd: process.cwd(), changed: [], incremental: false, ...more }
}

export interface Listening extends BuildContext { readonly lines: string[], readonly seen: Progress[] }

export function contextOf (signal: AbortSignal = new AbortController().signal): Listening {
  const lines: string[] = []
  const seen: Progress[] = []
  return { signal, lines, seen, log: text => { lines.push(text) }, progress: progress => { seen.push(progress) } }
}

export function testBuilder (name: string, { make, mark, without = [], cwd = process.cwd() }: Subject): void {
  const request = requestOf({ cwd })
  const marks = (count: number) => until(() => readFileSync(mark, 'latin1').length === count, `${count} marks`)

  test(`${name}: every outcome of a build is a value`, async t => {
    const good = await make('success')
    t.type(good.name, 'string')
    const result = await good.build(request, contextOf())
    t.match(result, { ok: true, ms: Number })
    t.strictSame(result.diagnostics.filter(one => one.severity === 'error'), [])
    t.ok(result.ms >= 0 && result.ms < 60_000, 'a duration')
    t.strictSame(structuredClone(result), { ...result }, 'plain data')
    const again = await good.build({ ...request, id: 'build-2' }, contextOf())
    t.equal(again.ok, true, 'and again')
    await good.close?.()
    const bad = await make('failure')
    const failed = await bad.build(request, contextOf())
    t.equal(failed.ok, false)
    t.ok(failed.diagnostics.some(one => one.severity === 'error' && one.message.includes('broken on purpose')), 'a failure has its reason')
    await bad.close?.()
    if (without.includes('throw')) return
    const throwing = await make('throw')
    const thrown = await throwing.build(request, contextOf())
    t.equal(thrown.ok, false)
    t.match(thrown.diagnostics[0]?.message, /thrown on purpose.*the cause/s)
    t.match((await throwing.build(request, contextOf())).ok, false, 'it can be asked again')
    await throwing.close?.()
  })

  test(`${name}: an abort rejects with the signal's reason, soon`, async t => {
    const builder = await make('hang')
    t.teardown(() => builder.close?.())
    const reason = new Error('stale')
    writeFileSync(mark, '')
    await t.rejects(builder.build(request, contextOf(AbortSignal.abort(reason))), reason, 'aborted before')
    const took: number[] = []
    // The best of three: a busy machine is not the builder's fault.
    while (took.length < 3 && !took.some(ms => ms <= LIMIT)) {
      const stop = new AbortController()
      const build = builder.build(request, contextOf(stop.signal))
      build.catch(() => {})
      await marks(took.length + 1)
      const start = performance.now()
      stop.abort(reason)
      await t.rejects(build, reason)
      took.push(performance.now() - start)
    }
    t.ok(Math.min(...took) <= LIMIT, `within ${LIMIT} ms: ${took.map(Math.round)}`)
  })

  test(`${name}: tells progress and lines`, async t => {
    if (!without.includes('progress')) {
      const builder = await make('progress')
      const context = contextOf()
      t.equal((await builder.build(request, context)).ok, true)
      t.match(context.seen, [{ label: 'pages', done: 1, total: 2 }])
      await builder.close?.()
    }
    if (!without.includes('log')) {
      const builder = await make('log')
      const context = contextOf()
      t.equal((await builder.build(request, context)).ok, true)
      t.ok(context.lines.includes('a line'))
      await builder.close?.()
    }
  })

  test(`${name}: what is thrown after the end does no harm`, async t => {
    if (without.includes('late-throw')) return
    const builder = await make('late-throw')
    writeFileSync(mark, '')
    for (let i = 0; i < 2; i++) {
      t.equal((await builder.build(request, contextOf())).ok, true)
      await marks(i + 1)
    }
    await builder.close?.()
  })

  test(`${name}: twice at once`, async t => {
    const builder = await make('success')
    const results = await Promise.all([builder.build(request, contextOf()), builder.build({ ...request, id: 'build-2' }, contextOf())])
    t.strictSame(results.map(result => result.ok), [true, true])
    await builder.close?.()
  })

  test(`${name}: closed while it runs, and twice`, async t => {
    const builder = await make('hang')
    writeFileSync(mark, '')
    const stop = new AbortController()
    const build = builder.build(request, contextOf(stop.signal)).then(result => result.ok, () => 'aborted')
    await marks(1)
    // As the pipeline does: abort, then close.
    stop.abort(new Error('the app closes'))
    await builder.close?.()
    await builder.close?.()
    t.equal(await build, 'aborted')
  })
}
