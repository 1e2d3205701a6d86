// What passes between machines: signatures, orders, paths, and what is stored.
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { Artifacts, type StoredEnd } from '../../../lib/entries/distributed/wire/artifacts.js'
import { PROTOCOL, readOrder, signOrder, type Order } from '../../../lib/entries/distributed/wire/order.js'
import { fromPortable, moveDiagnostic, pathWithin, sourcesOf, toPortable } from '../../../lib/entries/distributed/wire/portable.js'
import { Seal } from '../../../lib/entries/distributed/wire/seal.js'
import { emptyResult } from '../../../lib/entries/shards/run/result.js'

const seal = new Seal('a secret of the tests', 'one')
const others = [new Seal('another secret of it', 'one'), new Seal('a secret of the tests', 'two')]
const hash = 'ab'.repeat(32)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const ORDER: Order = { protocol: PROTOCOL, build: '00000000-0000-4000-8000-000000000000', shard: 'guide', key: hash, task: hash, module: 'site/shard.js', builder: hash, profile: 'production', timeout: 0 }

test('a value opens under its own name, with the same secret and project, and unchanged', t => {
  const closed = seal.close('name', { a: [1, new Map([['b', 2]])] })
  t.strictSame(seal.open('name', closed), { a: [1, new Map([['b', 2]])] })
  t.equal(seal.open('other', closed), undefined)
  for (const other of others) t.equal(other.open('name', closed), undefined)
  for (let i = 0; i < closed.length; i++) t.equal(seal.open('name', closed.map((byte, j) => i === j ? byte ^ 1 : byte)), undefined, `bit of byte ${i}`)
  for (const wrong of [undefined, null, 'text', {}, new Uint8Array(), closed.subarray(0, 31), closed.subarray(0, 40)]) t.equal(seal.open('name', wrong), undefined)
  t.end()
})

test('names and signatures depend on kind, parts, secret and project', t => {
  const names = [seal.nameOf('a', 'b', 'c'), seal.nameOf('a', 'bc'), seal.nameOf('ab', 'c'), ...others.map(other => other.nameOf('a', 'b', 'c')), seal.sign('a', 'b')]
  t.equal(new Set(names).size, names.length)
  t.equal(seal.isSigned('cancel', 'id', seal.sign('cancel', 'id')), true)
  t.equal(seal.isSigned('order', 'id', seal.sign('cancel', 'id')), false)
  for (const wrong of [undefined, 5, '', 'zz', seal.sign('cancel', 'id').slice(2)]) t.equal(seal.isSigned('cancel', 'id', wrong), false)
  t.end()
})

test('an order that was changed in any field, has more, or is of another version is none', t => {
  const signed = signOrder(seal, ORDER)
  t.strictSame(readOrder(seal, structuredClone(signed)), ORDER)
  t.strictSame(readOrder(seal, Object.fromEntries(Object.entries(signed).reverse())), ORDER, 'in any order of its fields')
  for (const other of others) t.equal(readOrder(other, signed), 'it is not signed with the secret of this worker')
  const changed: Partial<Record<keyof Order, unknown>> = { build: ORDER.build.replace('8', '9'), shard: 'other', key: 'cd'.repeat(32), task: 'cd'.repeat(32), module: 'other.js', builder: 'cd'.repeat(32), profile: 'development', timeout: 5 }
  for (const [name, value] of Object.entries(changed)) t.equal(readOrder(seal, { ...signed, [name]: value }), 'it is not signed with the secret of this worker', name)
  const invalid: Partial<Record<keyof Order, unknown>> = { protocol: 1, build: '../x', shard: '', key: 'short', task: 5, module: '../shard.js', builder: null, profile: 'test', timeout: -1 }
  for (const [name, value] of Object.entries(invalid)) t.equal(readOrder(seal, { ...signed, [name]: value }), 'it is no order', name)
  for (const module of ['/etc/passwd', 'a/../b.js', 'C:\\b.js', 'a\\b.js', '']) t.equal(readOrder(seal, { ...signed, module }), 'it is no order', module)
  for (const wrong of [undefined, null, 'text', 5, [], {}, { cmd: 'id' }, { ...signed, cmd: 'id' }]) t.equal(readOrder(seal, wrong), 'it is no order')
  const ours = `fastify-live-reload ${version} on Node.js ${process.versions.node.split('.')[0]}`
  t.equal(PROTOCOL, ours)
  for (const protocol of ['fastify-live-reload 0.0.9 on Node.js 20', `fastify-live-reload ${version} on Node.js 18`]) {
    const said = `FST_LIVE_RELOAD_OTHER_VERSION: the server has ${protocol}, and this worker has ${ours}; install the same versions on both`
    t.equal(readOrder(seal, signOrder(seal, { ...ORDER, protocol })), said)
    t.equal(readOrder(seal, { protocol, of: 'another version' }), said, 'whatever else it has')
  }
  t.match(readOrder(seal, { protocol: '\u001b[31mred\n' + 'x'.repeat(500) }), /^FST_LIVE_RELOAD_OTHER_VERSION: the server has \S{1,100}, and this worker/, 'fit for one line')
  t.throws(() => signOrder(seal, { ...ORDER, module: '/shard.js' }), /an order with a wrong `module` is not sent/)
  t.end()
})

test('pages name files of the working directory of the machine that builds them', t => {
  const pages = [{ id: 'a', file: '/site/src/a.md', deps: ['src/b.md', '/site/c.md'] }, { id: 'd', data: { file: '/site/d' } }]
  const moved = toPortable('/site', pages)
  t.notMatch(JSON.stringify(sourcesOf(moved as typeof pages)), '/site')
  t.strictSame(fromPortable('/other', moved as typeof pages), [{ id: 'a', file: '/other/src/a.md', deps: ['src/b.md', '/other/c.md'] }, pages[1]])
  t.strictSame(fromPortable('/site', moved as typeof pages), pages, 'and here they are as they were')
  for (const file of ['/elsewhere/a.md', '../a.md', '/site', '/sites/a.md', 'absolute:a.md']) t.equal(toPortable('/site', [{ id: 'a', file }]), file, 'it cannot be moved')
  t.equal(pathWithin('/site', '/site/lib/shard.js'), 'lib/shard.js')
  const diagnostic = { severity: 'error', message: 'in /there/a.md', file: '/there/a.md', stack: 'at /there/b.js', line: 3 } as const
  t.strictSame(moveDiagnostic(diagnostic, '/there', '/here'), { severity: 'error', message: 'in /here/a.md', file: '/here/a.md', stack: 'at /here/b.js', line: 3 })
  t.strictSame(moveDiagnostic({ severity: 'warning', message: 'a' }, '/there', '/here'), { severity: 'warning', message: 'a' })
  t.end()
})

test('the store gives back what was put there, and nothing that was moved or damaged', async t => {
  const entries = new Map<string, unknown>()
  const artifacts = new Artifacts({ get: key => entries.get(key), put: (key, value) => { entries.set(key, value) } }, seal)
  const end: StoredEnd = { result: emptyResult(), files: [], ms: 1, peakMemory: 2, logs: [], cwd: '/there' }
  await artifacts.putResult('key', end, Buffer.from('contents'))
  const read = await artifacts.getResult('key')
  t.match(read, end)
  t.strictSame(await read?.contents(), Buffer.from('contents'))
  t.equal(await artifacts.getResult('other'), undefined)
  t.notOk([...entries.keys()].some(name => name.includes('key')), 'names do not tell')
  await artifacts.putFailure('build', 'shard', end)
  t.ok(await artifacts.getFailure('build', 'shard'))
  t.equal(await artifacts.getFailure('other', 'shard'), undefined, 'a failure is of one build')
  const name = await artifacts.putTask({ pages: [{ id: 'a' }], globals: 5, hashes: new Map() })
  t.strictSame(await artifacts.getTask(name), { pages: [{ id: 'a' }], globals: 5, hashes: new Map() })
  t.equal(await artifacts.getTask('other'), undefined)
  t.equal(await artifacts.isOver('build'), false)
  await artifacts.putOver('build')
  t.equal(await artifacts.isOver('build'), true)
  const [files] = [...entries.keys()].filter(one => one.endsWith('.files')) as [string]
  entries.set(files, Buffer.from('contentz'))
  t.equal(await artifacts.getResult('key'), undefined, 'other contents')
  entries.set(files, 'contents')
  t.equal(await artifacts.getResult('key'), undefined, 'no bytes')
  await t.rejects(read?.contents() as Promise<unknown>, /the files of a shard are gone from the store, or were damaged there: build again/)
})
