import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { fileCache } from '../../../lib/entries/shards/cache/file-cache.js'
import { folder } from '../../support/folder.js'
import { filesOf } from './small-site.js'

const files = (dir: string) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))

test('values come back as they were: plain data, and bytes', async t => {
  const { at } = folder(t)
  const cache = fileCache(at('cache'))
  t.equal(await cache.get('nothing'), undefined)
  const value = { text: 'ä', list: [1, { date: new Date(5) }], map: new Map([['a', 1]]) }
  await cache.put('key', value)
  await cache.put('bytes', new Uint8Array([1, 2, 3]))
  await cache.put('empty', new Uint8Array())
  const other = fileCache(new URL(`file://${at('cache')}`))
  t.strictSame(await other.get('key'), value)
  t.strictSame([...await other.get('bytes') as Uint8Array], [1, 2, 3])
  t.equal((await other.get('empty') as Uint8Array).length, 0)
  await cache.remember('note', 1)
  await cache.remember('note', 2)
  t.equal(await other.recall('note'), 2, 'a note may change')
  t.equal(await other.recall('key'), undefined, 'entries and notes are apart')
})

test('a damaged entry is none, and is written again', async t => {
  const { at } = folder(t)
  const cache = fileCache(at('cache'))
  const damages: ((path: string) => void)[] = [
    path => truncateSync(path, 40),
    path => truncateSync(path, 0),
    path => { const bytes = readFileSync(path); bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1; writeFileSync(path, bytes) },
    path => writeFileSync(path, 'rubbish')
  ]
  for (const [i, damage] of damages.entries()) {
    await cache.put('key', { value: 'of some length', i: 0 })
    const [path] = files(at('cache')) as [string]
    damage(path)
    t.equal(await cache.get('key'), undefined, `damage ${i}`)
    await cache.put('key', { value: 'of some length', i: 0 })
    t.match(await cache.get('key'), { i: 0 }, 'healed')
  }
})

test('many writers of one directory do not disturb each other', async t => {
  const { at } = folder(t)
  const caches = Array.from({ length: 4 }, () => fileCache(at('cache')))
  await Promise.all(caches.flatMap(cache => Array.from({ length: 20 }, (_, i) => cache.put(`key ${i % 5}`, { i: i % 5 }))))
  for (let i = 0; i < 5; i++) t.match(await caches[0]?.get(`key ${i}`), { i })
  t.equal(files(at('cache')).length, 5, 'no drafts are left')
})

test('maxBytes: what was not used for the longest time goes first, and drafts of processes that ended', async t => {
  const { at } = folder(t)
  const cache = fileCache(at('cache'), { maxBytes: 100_000 })
  const put = (name: string) => cache.put(name, Buffer.alloc(20_000, name))
  const age = (path: string, hours: number) => { const time = Date.now() / 1_000 - hours * 3_600; utimesSync(path, time, time) }
  await put('a')
  const [first] = files(at('cache')) as [string]
  writeFileSync(`${first}.1.draft`, 'left by a process that was killed')
  for (const name of ['b', 'c', 'd']) await put(name)
  for (const path of files(at('cache'))) age(path, 5)
  t.ok(await cache.get('a'), 'reading an entry says that it is used')
  for (const name of ['e', 'f']) await put(name)
  t.ok(await cache.get('a'))
  t.ok(await cache.get('f'))
  const left = (await Promise.all(['b', 'c', 'd'].map(async name => await cache.get(name)))).filter(Boolean)
  t.ok(left.length < 3, 'older ones went')
  const bytes = Object.values(filesOf(at('cache'))).reduce((sum, text) => sum + text.length, 0)
  t.ok(bytes <= 100_000, String(bytes))
  t.notOk(files(at('cache')).some(path => path.endsWith('.draft')))
})

test('maxBytes: what a shard wrote stays as long as its entry is used', async t => {
  const { at } = folder(t)
  const cache = fileCache(at('cache'), { maxBytes: 100_000 })
  for (const name of ['used', 'unused']) {
    await cache.put(`${name}.files`, Buffer.alloc(20_000, name))
    await cache.put(name, { name })
  }
  const hoursAgo = Date.now() / 1_000 - 5 * 3_600
  for (const path of files(at('cache'))) utimesSync(path, hoursAgo, hoursAgo)
  t.ok(await cache.get('used'), 'a build finds that nothing has changed, and needs no contents')
  for (const name of ['a', 'b', 'c']) await cache.put(name, Buffer.alloc(20_000, name))
  t.equal(await cache.get('unused.files'), undefined)
  t.equal((await cache.get('used.files') as Uint8Array | undefined)?.length, 20_000)
})

test('maxBytes: notes go only when no site has used them for a month', async t => {
  const { at } = folder(t)
  const cache = fileCache(at('cache'), { maxBytes: 100_000 })
  const age = (days: number) => { const time = Date.now() / 1_000 - days * 86_400; for (const path of files(at('cache'))) utimesSync(path, time, time) }
  const fill = async () => { for (const name of ['a', 'b', 'c', 'd', 'e']) await cache.put(name + Math.random(), Buffer.alloc(17_000, name)) }
  for (const name of ['old', 'read', 'written']) await cache.remember(name, 'x'.repeat(25_000))
  age(7)
  await fill()
  t.equal(String(await cache.recall('old')).length, 25_000, 'entries are made again; a note is not')
  age(40)
  t.ok(await cache.recall('read'))
  await cache.remember('written', 'y'.repeat(25_000))
  await fill()
  t.equal(await cache.recall('old'), undefined)
  t.strictSame([await cache.recall('read'), await cache.recall('written')].map(note => String(note).slice(0, 1)), ['x', 'y'])
})

test('maxBytes: a note larger than all of it stays', async t => {
  const { at } = folder(t)
  await fileCache(at('cache'), { maxBytes: 1_000 }).remember('site', 'x'.repeat(5_000))
  await fileCache(at('cache'), { maxBytes: 1_000 }).put('key', 'y'.repeat(500))
  t.equal(String(await fileCache(at('cache')).recall('site')).length, 5_000)
})

test('a directory that cannot be written is an error of put(), and wrong options are coded errors', async t => {
  const { at, write } = folder(t)
  write('file', '')
  await t.rejects(async () => fileCache(at('file/cache')).put('key', 1), { code: /ENOTDIR|EEXIST/ })
  t.equal(await fileCache(at('file/cache')).get('key'), undefined)
  t.throws(() => fileCache(5 as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`fileCache` must be a path/ })
  t.throws(() => fileCache(at('x'), { maxBytes: 0 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`fileCache\.maxBytes`/ })
  t.throws(() => fileCache(at('x'), { size: 1 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
  await t.rejects(async () => fileCache(at('cache')).put('key', () => {}), /could not be cloned/)
  const cache = fileCache(at('blocked'))
  await cache.put('key', 1)
  const [path] = files(at('blocked')) as [string]
  rmSync(path)
  mkdirSync(join(path, 'in the way'), { recursive: true })
  await t.rejects(async () => cache.put('key', 1), { code: /EISDIR|ENOTEMPTY|EEXIST/ })
  t.strictSame(files(at('blocked')), [], 'no draft is left')
})
