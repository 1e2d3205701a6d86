import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import type { Page } from '../../../types/shards.js'
import { by } from '../../../lib/entries/shards/partition/by.js'
import { placeOf } from '../../../lib/entries/shards/partition/rendezvous.js'
import { Costs } from '../../../lib/entries/shards/plan/costs.js'
import { digestOf } from '../../../lib/entries/shards/plan/digest.js'
import { FileHashes } from '../../../lib/entries/shards/plan/file-hashes.js'
import { isSafePath } from '../../../lib/entries/shards/plan/paths.js'
import { planShards, type Plan } from '../../../lib/entries/shards/plan/plan.js'
import { workersFor } from '../../../lib/entries/shards/run/executors.js'
import { folder } from '../../support/folder.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'

const pagesOf = (count: number, more: (i: number) => Partial<Page> = () => ({})): Page[] => Array.from({ length: count }, (_, i) => ({ id: `guide/page-${i}.md`, ...more(i) }))

test('equal data has an equal digest, whatever the order of fields; other data has another one', t => {
  t.equal(digestOf({ a: 1, b: [2, { c: 3 }] }), digestOf({ b: [2, { c: 3 }], a: 1 }))
  t.equal(digestOf({ a: 1, b: undefined }), digestOf({ a: 1 }))
  t.equal(digestOf(new Map([['a', 1]])), digestOf(new Map([['a', 1]])))
  const different = [new ArrayBuffer(1), 1, '1', true, 'true', null, 'null', undefined, 0, -0, NaN, 1n, '', 'ab', ['a', 'b'], ['ab'], [], {}, { a: 1 }, { a: '1' }, { b: 1 }, new Map([['a', 1]]), new Set(['a']),
    new Date(5), 5, /x/, '/x/', new Uint8Array([1]), new Uint8Array([2]), [[], []], [[[]]], { a: { b: 1 } }, { a: {}, b: 1 }]
  t.equal(new Set(different.map(digestOf)).size, different.length)
  const round: unknown[] = []
  round.push(round)
  t.throws(() => digestOf(round), /contains itself/)
  t.throws(() => digestOf({ a: () => {} }), /a function is no plain data/)
  t.throws(() => digestOf({ a: new URL('http://localhost') }), /a URL is no plain data/)
  const shared = { x: 1 }
  t.type(digestOf([shared, shared]), 'string', 'the same object twice is no circle')
  t.end()
})

test('paths of outputs never lead out of their directory', t => {
  for (const path of ['a.html', 'a/b/c.html', 'ä ö.html', '..a', 'a..b/c', 'x'.repeat(255), `${'ü'.repeat(127)}/${'x'.repeat(255)}`]) t.ok(isSafePath(path), path)
  for (const path of ['', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a\\b', 'c:/a', 'a\0b', './a', 'x'.repeat(256), `${'漢'.repeat(86)}/a`]) t.notOk(isSafePath(path), JSON.stringify(path))
  t.end()
})

test('by.hash spreads evenly, and a shard more moves only the pages that go there', t => {
  const pages = pagesOf(10_000)
  const sizes = [...by.hash(pages, 16).values()].map(part => part.length)
  t.equal(sizes.length, 16)
  t.ok(Math.max(...sizes) < 10_000 / 16 * 1.2, `at most ${Math.max(...sizes)} of 625`)
  const moved = pages.filter(({ id }) => placeOf(id, 16) !== placeOf(id, 17))
  t.ok(moved.length > 0 && moved.every(({ id }) => placeOf(id, 17) === 16), 'only to the new one')
  t.strictSame([...by.hash(pagesOf(300), 16).keys()].sort(), Array.from({ length: 16 }, (_, i) => String(i).padStart(2, '0')))
  t.end()
})

test('by.section, by.version and by.kind take the property; by.each cuts twice', t => {
  const pages: Page[] = [{ id: 'a', version: '1', kind: 'api', section: 's' }, { id: 'b', version: '1' }, { id: 'c', version: '2', kind: 'api' }, { id: 'd' }]
  const ids = (parts: ReadonlyMap<string, readonly Page[]>) => Object.fromEntries([...parts].map(([id, part]) => [id, part.map(page => page.id).join('')]))
  t.strictSame(ids(by.version(pages, 9)), { 1: 'ab', 2: 'c', other: 'd' })
  t.strictSame(ids(by.kind(pages, 9)), { api: 'ac', content: 'bd' })
  t.strictSame(ids(by.section(pages, 9)), { s: 'a', other: 'bcd' })
  t.strictSame(ids(by.each(by.version, by.kind)(pages, 9)), { '1/api': 'a', '1/content': 'b', '2/api': 'c', 'other/content': 'd' })
  t.strictSame(ids(by.section([{ id: 'a', section: '' }, { id: 'b', section: 's' }], 9)), { other: 'a', s: 'b' }, 'an empty text names nothing')
  const slashes: Page[] = [{ id: 'a', section: 'a/b', kind: 'c' }, { id: 'b', section: 'a', kind: 'b/c' }, { id: 'c', section: 'a', kind: 'c' }]
  t.strictSame(ids(by.each(by.section, by.kind)(slashes, 9)), { 'a/b/c': 'ab', 'a/c': 'c' }, 'two pairs of one name are one shard')
  t.end()
})

test('by.weight makes shards of equal weight', t => {
  const parts = by.weight(pagesOf(100, i => ({ weight: i % 10 === 0 ? 30 : 1 })), 4)
  const weights = [...parts.values()].map(part => part.reduce((sum, { weight = 1 }) => sum + weight, 0))
  t.equal(weights.length, 4)
  t.ok(Math.max(...weights) / Math.min(...weights) < 1.35, weights.join())
  t.equal(by.weight([{ id: 'a' }], 4).size, 1, 'no empty shards')
  t.end()
})

const plan = async (pages: Page[], costs: Costs, more: object = {}) =>
  await planShards({ cwd: '/project', pages, partition: by.section, shards: undefined, costs, hashes: new Map(), salt: '', globals: undefined, globalsFor: undefined, prefix: '', isKept: async () => false, ...more }) as Plan

test('ids and keys do not depend on the order of pages, nor on what shards cost', async t => {
  const pages = pagesOf(300, i => ({ section: `s${i % 3}` }))
  const costs = new Costs()
  const keys = async (given: Page[]) => Object.fromEntries((await plan(given, costs)).shards.map(({ id, key }) => [id, key]))
  const before = await keys(pages)
  costs.measured('s1', pages.filter(({ section }) => section === 's1'), 900)
  costs.measured('s0', pages.filter(({ section }) => section === 's0'), 100)
  t.strictSame(await keys([...pages].reverse()), before)
  t.strictSame((await plan(pages, costs)).shards.map(({ id }) => id), ['s1', 's2', 's0'], 'the dearest first, one without history by the mean')
})

test('a large shard is split without touching the others, and joined again when it is half as large', async t => {
  const costs = new Costs()
  const pages = (large: number) => [...pagesOf(100, () => ({ section: 'small' })), ...pagesOf(large, () => ({ section: 'large' })).map(page => ({ ...page, id: `l/${page.id}` }))]
  const ids = async (large: number) => (await plan(pages(large), costs)).shards.map(({ id }) => id).sort()
  const small = (await plan(pages(200), costs)).shards.find(({ id }) => id === 'small')
  t.strictSame(await ids(250), ['large', 'small'])
  const split = await ids(251)
  t.strictSame(split, ['large~0', 'large~1', 'large~2', 'large~3', 'small'])
  t.strictSame(await ids(249), split, 'one page less does not change all')
  t.strictSame(await ids(130), split)
  t.strictSame(await ids(120), ['large', 'small'])
  t.equal((await plan(pages(251), costs)).shards.find(({ id }) => id === 'small')?.key, small?.key)
})

test('a shard that takes more than its share of a long build is split, as a section that is dear', async t => {
  const costs = new Costs()
  const pages = ['a', 'b', 'c', 'd'].flatMap(section => pagesOf(50, () => ({ section })).map(page => ({ ...page, id: `${section}/${page.id}` })))
  const of = (section: string) => pages.filter(page => page.section === section)
  for (const section of ['a', 'b', 'c', 'd']) costs.measured(section, of(section), section === 'a' ? 900 : 100)
  t.equal((await plan(pages, costs)).shards.length, 4, 'not for a second')
  costs.measured('a', of('a'), 60_000)
  const keys = (await plan(pages, costs, { isKept: async () => true })).shards.map(({ key }) => key)
  t.equal(keys.length, 4, 'not while nothing in it has changed: all of it would be built again')
  const ids = (await plan(pages, costs, { isKept: async (key: string) => key !== keys[0] })).shards.map(({ id }) => id)
  t.equal(ids.filter(id => id.startsWith('a~')).length, 16)
  t.ok(['b', 'c', 'd'].every(id => ids.includes(id)))
  const kept = new Costs()
  kept.restore(structuredClone(costs.toNote()))
  t.strictSame((await plan(pages, kept)).shards.map(({ id }) => id), ids, 'the next process knows')
  const measureParts = async (ms: number) => { for (const { id, pages: part } of (await plan(pages, kept)).shards) if (id.startsWith('a~')) kept.measured(id, part, ms) }
  const partsOf = async (more = {}) => (await plan(pages, kept, more)).shards.filter(({ id }) => id.startsWith('a~')).length
  await measureParts(4_000)
  t.equal(await partsOf(), 16, 'still dear')
  await measureParts(10)
  t.equal(await partsOf({ isKept: async () => true }), 16, 'cheap by now, and not changed')
  t.equal(await partsOf(), 0, 'changed, and joined')
  for (const note of [undefined, 5, { costs: 5 }, { costs: new Map([['x', 5]]), parts: new Map([['x', 'y']]) }]) new Costs().restore(note)
})

test('what is no plain data is named: the page, or globals', async t => {
  const pages = pagesOf(3, i => ({ data: i === 1 ? { render () {} } : {} }))
  await t.rejects(plan(pages, new Costs()), { message: 'the page "guide/page-1.md" cannot be hashed: a function is no plain data' })
  await t.rejects(plan(pagesOf(3), new Costs(), { globals: { menu: [new URL('http://localhost')] } }), { message: '`globals` cannot be hashed: a URL is no plain data' })
})

test('a part never takes the name of another shard', async t => {
  const pages = [...pagesOf(600, () => ({ section: 'a' })), { id: 'x', section: 'a~0' }]
  await t.rejects(plan(pages, new Costs()), /names a shard a~0, which is the name of a part of a/)
})

test('the number of shards by hash is a fixed step', async t => {
  const count = async (pages: number) => (await plan(pagesOf(pages), new Costs(), { partition: by.hash })).shards.length
  t.strictSame(await Promise.all([200, 1_000, 1_001].map(count)), [16, 16, 64])
})

test('a file is hashed again when it has changed, and only then', async t => {
  const { path, write } = folder(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const hashes = new FileHashes()
  const first = await hashes.of(path, ['a.txt', 'b.txt', 'gone.txt', '.'])
  t.not(first.get('a.txt'), first.get('b.txt'))
  t.equal(first.get('gone.txt'), 'missing')
  t.match(first.get('.'), /^[0-9a-f]{64}$/, 'a directory stands for its files')
  t.ok(hashes.isUnchanged(path, ['a.txt', 'gone.txt', '.']))
  write('a.txt', 'c')
  t.notOk(hashes.isUnchanged(path, ['a.txt']))
  t.notOk(hashes.isUnchanged(path, ['.']))
  hashes.begin()
  const second = await hashes.of(path, ['a.txt', 'b.txt'])
  t.not(second.get('a.txt'), first.get('a.txt'), 'also when it was saved within the same tick of the clock')
  t.equal(second.get('b.txt'), first.get('b.txt'))
  await until(async () => { await hashes.of(path, ['a.txt', 'b.txt']); return (hashes.toNote() as Map<string, unknown>).size === 2 }, 'files at rest are remembered')
  const other = new FileHashes()
  other.restore(new Map([[`${path}/b.txt`, [(hashes.toNote() as Map<string, [string]>).get(`${path}/b.txt`)?.[0], 'from an earlier process']], ['x', 5]] as never))
  t.equal((await other.of(path, ['b.txt'])).get('b.txt'), 'from an earlier process', 'not read again')
  other.restore('rubbish')
  hashes.begin()
  await hashes.of(path, ['b.txt'])
  hashes.end()
  t.equal((hashes.toNote() as Map<string, unknown>).size, 1, 'what a build does not ask for is forgotten')
})

test('a directory has changed when a file was added to it, or removed from it, since it was hashed', async t => {
  const { path, at, write } = folder(t, { 'parts/a.txt': 'a', 'parts/deep/b.txt': 'b' })
  const hashes = new FileHashes()
  await hashes.of(path, ['parts'])
  t.ok(hashes.isUnchanged(path, ['parts']))
  renameSync(at('parts/deep/b.txt'), at('away.txt'))
  t.notOk(hashes.isUnchanged(path, ['parts']), 'removed')
  renameSync(at('away.txt'), at('parts/deep/b.txt'))
  await hashes.of(path, ['parts'])
  t.ok(hashes.isUnchanged(path, ['parts']), 'back')
  write('parts/c.txt', 'c')
  t.notOk(hashes.isUnchanged(path, ['parts']), 'added')
  rmSync(at('parts'), { recursive: true })
  t.notOk(hashes.isUnchanged(path, ['parts']), 'gone as a whole')
})

test('links to files in a directory count as what they point to; links to directories do not count', async t => {
  const { path, at, write } = folder(t, { 'real.txt': 'a', 'parts/own.txt': '', 'elsewhere/x.txt': 'x' })
  const link = (target: string, name: string) => symlinkSync(target, at(name))
  link('../real.txt', 'parts/file.txt')
  link('../elsewhere', 'parts/directory')
  link('../later.txt', 'parts/later.txt')
  link('round.txt', 'parts/round.txt')
  const hashes = new FileHashes()
  const hashOf = async () => (await hashes.of(path, ['parts'])).get('parts')
  const first = await hashOf()
  t.ok(hashes.isUnchanged(path, ['parts']))
  write('elsewhere/x.txt', 'other')
  t.equal(await hashOf(), first)
  write('real.txt', 'edited')
  t.notOk(hashes.isUnchanged(path, ['parts']))
  const second = await hashOf()
  t.not(second, first)
  write('later.txt', 'it is there')
  t.not(await hashOf(), second)
})

test('others get their turn while many files are hashed', async t => {
  const { path } = folder(t, Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${i}.txt`, String(i)])))
  let turns = 0
  let isOver = false
  const count = () => { turns++; if (!isOver) setImmediate(count) }
  setImmediate(count)
  const hashes = await new FileHashes().of(path, Array.from({ length: 400 }, (_, i) => `${i}.txt`))
  isOver = true
  t.equal(new Set(hashes.values()).size, 400)
  t.ok(turns >= 8, `${turns} turns`)
})

test('a file that cannot be read is as good as missing', onLinux, async t => {
  t.equal((await new FileHashes().of('/', ['/proc/self/mem'])).get('/proc/self/mem'), 'missing')
})

test('files that were written before the clock was set back are remembered', async t => {
  const { path } = folder(t, { 'a.txt': 'a' })
  const now = Date.now()
  t.intercept(Date, 'now', { value: () => now - 3_600_000 })
  const hashes = new FileHashes()
  await hashes.of(path, ['a.txt'])
  t.equal((hashes.toNote() as Map<string, unknown>).size, 1)
})

test('workers are as many as processors and memory allow, and at least one', t => {
  const GIB = 1024 ** 3
  t.equal(workersFor(8, 64 * GIB), 8)
  t.equal(workersFor(8, 2 * GIB), 3)
  t.equal(workersFor(8, 0.1 * GIB), 1)
  t.ok(workersFor() >= 1)
  t.end()
})
