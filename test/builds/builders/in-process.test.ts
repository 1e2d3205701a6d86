import { test } from 'tap'
import { until } from '../../support/wait.js'
import type { BuildResult, Builder } from '../../../types/build.js'
import { asBuilder, inProcess } from '../../../lib/builds/builders/in-process.js'
import { contextOf, requestOf } from './conformance.js'

const request = requestOf()

const circular: Record<string, unknown> = {}
circular.self = circular
const unreadable = new Error('x')
Object.defineProperty(unreadable, 'message', { get () { throw new Error('trap') } })

const cases: [string, Builder['build'] | (() => unknown), object][] = [
  ['nothing', () => {}, { ok: true, diagnostics: [] }],
  ['a partial result', async () => ({ pages: 3, outputs: ['/x'] }), { ok: true, pages: 3, outputs: ['/x'] }],
  ['an error as a value', () => ({ diagnostics: [{ severity: 'error', message: 'no' }] }), { ok: false, diagnostics: [{ message: 'no' }] }],
  ['a warning', () => ({ diagnostics: [{ severity: 'warning', message: 'hm' }] }), { ok: true }],
  ['throws', () => { throw new Error('bad') }, { ok: false, diagnostics: [{ severity: 'error', message: 'bad', stack: /in-process\.test/ }] }],
  ['rejects with a cause', async () => { throw new Error('bad', { cause: new Error('disk full') }) }, { ok: false, diagnostics: [{ message: 'bad (disk full)' }] }],
  ['throws a string', () => { throw 'text' }, { ok: false, diagnostics: [{ message: 'the build threw text' }] }], // eslint-disable-line no-throw-literal
  ['throws undefined', () => { throw undefined }, { ok: false, diagnostics: [{ message: 'the build threw undefined' }] }], // eslint-disable-line no-throw-literal
  ['throws a circle', () => { throw circular }, { ok: false, diagnostics: [{ message: /cannot be read/ }] }],
  ['throws a trap', () => { throw unreadable }, { ok: false, diagnostics: [{ message: /cannot be read/ }] }],
  ['throws an error without a stack', () => { throw Object.assign(new Error('bare'), { stack: undefined }) }, { ok: false, diagnostics: [{ message: 'bare' }] }]
]

test('every outcome is a value', async t => {
  for (const [name, run, expected] of cases) {
    t.match(await inProcess(run as never).build(request, contextOf()), expected, name)
  }
})

test('named after the option, the function, or nothing', async t => {
  t.equal(inProcess(function pages () {}).name, 'pages')
  t.equal(inProcess([() => {}][0] as () => void).name, 'build')
  t.equal(asBuilder(() => {}, 'css').name, 'css')
  const own = inProcess(() => {}, { name: 'own' })
  t.equal(asBuilder(own, 'other').name, 'own')
})

test('a Builder of one\'s own: what it gives back is checked', async t => {
  const part = { ok: true, ms: 7, diagnostics: [] }
  const failed = (more: object) => ({ ok: false, ms: 7, diagnostics: [{ severity: 'error', message: 'no', ...more }] })
  const wrong = (field: string) => ({ ok: false, diagnostics: [{ severity: 'error', message: new RegExp(`^the build returned an invalid result: \`${field}`) }] })
  const results: [string, unknown, object][] = [
    ['whole', { ...part, outputs: ['/x'], pages: 3, output: 'o', meta: { a: 1 } }, { ...part, outputs: ['/x'], pages: 3, output: 'o', meta: { a: 1 } }],
    ['frozen', Object.freeze({ ...part, diagnostics: Object.freeze([]) }), part],
    ['without a duration', { ok: true, diagnostics: [] }, { ok: true, ms: Number }],
    ['nothing', undefined, { ok: true, ms: Number, diagnostics: [] }],
    ['no diagnostics', { ok: false, ms: 1 }, { ok: false, ms: 1, diagnostics: [] }],
    ['outputs that are null', { ...part, outputs: null }, part],
    ['a Buffer', { ...part, output: Buffer.from('printed') }, wrong('output')],
    ['an Error as message', failed({ message: new Error('boom') }), wrong('diagnostics\\[0\\].message')],
    ['no message', failed({ message: undefined }), wrong('diagnostics\\[0\\].message')],
    ['a URL', failed({ file: new URL('file:///x') }), wrong('diagnostics\\[0\\].file')],
    ['outputs that are a number', { ...part, outputs: 42 }, wrong('outputs')]
  ]
  for (const [name, value, expected] of results) {
    t.match(await asBuilder({ name: 'own', build: async () => value as BuildResult }, 'other').build(request, contextOf()), expected, name)
  }
})

test('an abort rejects, and the next build waits for a function that goes on', async t => {
  const ends: (() => void)[] = []
  const builder = inProcess(() => new Promise<void>(resolve => ends.push(resolve)))
  const stop = new AbortController()
  const first = builder.build(request, contextOf(stop.signal))
  await new Promise(resolve => setImmediate(resolve))
  stop.abort(new Error('stale'))
  await t.rejects(first, { message: 'stale' })
  const second = builder.build(request, contextOf())
  await new Promise(resolve => setImmediate(resolve))
  t.equal(ends.length, 1, 'not two at once')
  ends[0]?.()
  await until(() => ends.length === 2, 'the second build has begun')
  ends[1]?.()
  t.match(await second, { ok: true })
})

test('aborted before, and aborted while throwing', async t => {
  await t.rejects(inProcess(() => {}).build(request, contextOf(AbortSignal.abort(new Error('stale')))), { message: 'stale' })
  const stop = new AbortController()
  await t.rejects(inProcess(() => { stop.abort(new Error('stale')); throw new Error('because of it') }).build(request, contextOf(stop.signal)), { message: 'stale' })
})
