// The suite for builders finds what is wrong with one, and runs under other test runners.
import { execFile } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { after, test } from 'tap'
import type { BuildContext, Builder, BuildResult } from '../../../types/build.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { testBuilder, type Behaviour } from '../../../lib/entries/testing/builder.js'
import { temporary } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'

const dir = temporary(after)
const mark = join(dir, 'mark')
const never = new Promise<never>(() => {})

/** A builder without faults. */
function make (behaviour: Behaviour): Builder {
  return inProcess((_request, { progress, log }) => {
    if (behaviour === 'failure') return { diagnostics: [{ severity: 'error', message: 'broken on purpose' }] }
    if (behaviour === 'throw') throw new Error('thrown on purpose', { cause: new Error('the cause') })
    if (behaviour === 'progress') progress({ label: 'pages', done: 1, total: 2 })
    if (behaviour === 'log') log('a line')
    if (behaviour !== 'hang') return undefined
    appendFileSync(mark, '.')
    return never
  })
}

/** Names of the cases that a builder does not pass. */
async function failing (change: (builder: Builder, behaviour: Behaviour) => Partial<Builder>): Promise<string[]> {
  const cases: { name: string, run: () => Promise<void> }[] = []
  const faulty = (behaviour: Behaviour): Builder => {
    const builder = make(behaviour)
    return { close: async () => {}, ...builder, ...change(builder, behaviour) }
  }
  testBuilder('it', { make: faulty, mark, without: ['late-throw'], timeout: 400 }, { test: (name, run) => cases.push({ name, run }) })
  const failed: string[] = []
  for (const { name, run } of cases) await run().catch(() => failed.push(name))
  return failed
}

const result = async (builder: Builder, given: Parameters<Builder['build']>, more: object): Promise<BuildResult> => ({ ...await builder.build(...given), ...more })
const deaf = (context: BuildContext): BuildContext => ({ ...context, signal: new AbortController().signal })

test('a builder without faults passes', async t => {
  t.strictSame(await failing(() => ({})), [])
})

const FAULTS: Record<string, (builder: Builder, behaviour: Behaviour) => Partial<Builder>> = {
  'rejects for a failure': (builder, behaviour) => behaviour === 'failure' ? { build: async () => { throw new Error('broken on purpose') } } : builder,
  'takes a failure for a success': builder => ({ build: (...given) => result(builder, given, { ok: true }) }),
  'does not say why': builder => ({ build: (...given) => result(builder, given, { diagnostics: [] }) }),
  'has no duration': builder => ({ build: (...given) => result(builder, given, { ms: NaN }) }),
  'returns what cannot cross processes': builder => ({ build: (...given) => result(builder, given, { meta: { run () {} } }) }),
  'builds once': builder => {
    let count = 0
    return { build: (...given) => ++count > 1 ? result(builder, given, { ok: false }) : builder.build(...given) }
  },
  'does not build twice at once': builder => {
    let running = 0
    return { build: async (...given) => ++running > 1 ? result(builder, given, { ok: false }) : builder.build(...given).finally(() => { running-- }) }
  },
  'does not hear its signal': builder => ({ build: (request, context) => builder.build(request, deaf(context)) }),
  'rejects with an error of its own': builder => ({ build: (...given) => builder.build(...given).catch(() => { throw new Error('stopped') }) }),
  'resolves for an abort': builder => ({ build: (...given) => builder.build(...given).catch(() => ({ ok: false, ms: 0, diagnostics: [] })) }),
  'keeps progress to itself': builder => ({ build: (request, context) => builder.build(request, { ...context, progress () {} }) }),
  'keeps lines to itself': builder => ({ build: (request, context) => builder.build(request, { ...context, log () {} }) }),
  'cannot be closed twice': builder => {
    let isClosed = false
    return { async close () { if (isClosed) throw new Error('closed'); isClosed = true; await builder.close?.() } }
  },
  'has no name': () => ({ name: undefined as never })
}

for (const [fault, change] of Object.entries(FAULTS)) {
  test(`a builder that ${fault} is caught`, async t => {
    t.not((await failing(change)).length, 0)
  })
}

test('the suite runs under node:test, and one that fails makes it fail', async t => {
  const { path } = plainLibrary(after)
  const kit = pathToFileURL(join(path, 'lib/entries/testing/index.js')).href
  const file = (name: string, ok: boolean) => {
    writeFileSync(join(dir, name), `
      import { test } from 'node:test'
      import { appendFileSync } from 'node:fs'
      import { testBuilder } from ${JSON.stringify(kit)}
      const make = behaviour => ({ name: 'mine', async build (_request, { signal }) {
        signal.throwIfAborted()
        if (behaviour === 'hang') await new Promise((_resolve, reject) => { signal.onabort = () => reject(signal.reason); appendFileSync(${JSON.stringify(mark)}, '.') })
        return { ok: ${ok} && behaviour === 'success', ms: 1, diagnostics: behaviour === 'failure' ? [{ severity: 'error', message: 'broken on purpose' }] : [] }
      } })
      testBuilder('mine', { mark: ${JSON.stringify(mark)}, make, without: ['throw', 'progress', 'log', 'late-throw'] }, { test })`)
    return promisify(execFile)(process.execPath, ['--test', join(dir, name)], { env: { PATH: process.env.PATH } }).then(() => 'passes', () => 'fails')
  }
  t.equal(await file('good.test.mjs', true), 'passes')
  t.equal(await file('bad.test.mjs', false), 'fails')
})
