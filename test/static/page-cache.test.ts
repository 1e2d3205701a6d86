import { renameSync, statSync, truncateSync, utimesSync, writeFileSync, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { test } from 'tap'
import { createPageCache, type Page, type PageCache } from '../../lib/static/page-cache.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const allow = async () => {}

/** As a request does it. */
function get (cache: PageCache, path: string): Page | Promise<Page> {
  const stat = statSync(path)
  return cache.hit(path, stat) ?? cache.load(path, path, stat, allow)
}

/** Until the file has been left alone long enough to be trusted. */
async function settle (cache: PageCache, path: string): Promise<Page> {
  return until(async () => {
    await get(cache, path)
    return cache.hit(path, statSync(path))
  }, `${path} settles`)
}

test('the same Buffer as long as the file is the same, a change at once', async t => {
  const { write, at } = folder(t)
  const cache = createPageCache()
  const path = write('a.html', 'one')
  const first = await get(cache, path)
  t.equal(first.body.toString(), 'one')
  const settled = await settle(cache, path)
  t.equal(settled.body, first.body, 'the very same object')
  t.ok(cache.stable(first.body))
  t.notOk(cache.stable(Buffer.from('one')))
  writeFileSync(path, 'two')
  t.equal((await get(cache, path)).body.toString(), 'two', 'written in place')
  writeFileSync(path, 'six')
  t.equal((await get(cache, path)).body.toString(), 'six', 'and again within the same tick')
  const before = await settle(cache, path)
  utimesSync(path, new Date(), new Date(0))
  const touched = await get(cache, path)
  t.equal(touched.body, before.body, 'touched: the same bytes are the same object')
  t.equal(touched.modified, new Date(0).toUTCString(), 'with its new time')

  await settle(cache, path)
  const { atime, mtime } = statSync(path)
  utimesSync(write('fresh', 'ten'), atime, mtime)
  renameSync(at('fresh'), path)
  t.match(statSync(path), { size: 3, mtimeMs: mtime.getTime() })
  t.equal((await get(cache, path)).body.toString(), 'ten', 'same size, same time, another inode')
})

test('validators are those of @fastify/send', async t => {
  const { write } = folder(t)
  const path = write('a.html', 'x'.repeat(300))
  utimesSync(path, 5, 1_700_000_000.5)
  t.match(await get(createPageCache(), path), { etag: 'W/"12c-18bcfe569f4"', modified: 'Tue, 14 Nov 2023 22:13:20 GMT', whole: true })
})

test('a clock that may only know seconds is trusted later', async t => {
  const { write } = folder(t)
  const path = write('a.html', 'x')
  const at = async (ctimeMs: number) => {
    const stat = Object.assign(Object.create(statSync(path)) as Stats, { ctimeMs })
    const cache = createPageCache(undefined, async (file, flags) => {
      const handle = await open(file, flags)
      return { fd: handle.fd, stat: async () => stat, read: handle.read.bind(handle), close: () => handle.close() } as unknown as typeof handle
    })
    return (await cache.load(path, path, stat, allow)).settled
  }
  const second = Math.floor(Date.now() / 1000) * 1000
  t.equal(await at(second), false)
  t.equal(await at(second - 499.5), true)
  t.equal(await at(second - 5000), true)
  t.equal(await at(second + 60_000.5), false, 'in the future')
})

test('the least recently used page goes when the memory is used up', async t => {
  const { write } = folder(t)
  const cache = createPageCache(250)
  const [a, b, c, big] = [write('a', 'a'.repeat(100)), write('b', 'b'.repeat(100)), write('c', 'c'.repeat(100)), write('d', 'd'.repeat(251))] as const
  const [first, second] = [await settle(cache, a), await settle(cache, b)]
  cache.hit(a, statSync(a))
  await settle(cache, c)
  t.equal(cache.hit(a, statSync(a)), first)
  t.equal(cache.hit(b, statSync(b)), undefined, 'b was asked for longest ago')
  t.equal((await get(cache, big)).body.length, 251, 'what is larger than the memory is sent and not kept')
  t.notOk(cache.stable((await get(cache, big)).body))
  t.equal(cache.hit(a, statSync(a)), first, 'and pushes nothing out')
  t.ok(cache.stable(second.body), 'a Buffer once given out stays as it was')
})

test('many that ask at once read once, and a refusal reaches all of them', async t => {
  const { write } = folder(t)
  const path = write('a.html', 'x')
  let opened = 0
  const cache = createPageCache(undefined, (file, flags) => {
    opened++
    return open(file, flags)
  })
  const pages = await Promise.all(Array.from({ length: 20 }, () => get(cache, path)))
  t.equal(opened, 1)
  t.equal(new Set(pages.map(page => page.body)).size, 1)
  const stat = statSync(path)
  const refused = await Promise.allSettled(['x', 'x'].map(key => cache.load(key, path, stat, async () => { throw new Error('no') })))
  t.match(refused, [{ status: 'rejected' }, { status: 'rejected' }])
  t.equal(cache.hit('x', stat), undefined)
})

test('a load that began before a change is not joined after it', async t => {
  const { write } = folder(t)
  const path = write('a.html', 'old')
  const cache = createPageCache()
  let go: (() => void) | undefined
  const slow = cache.load(path, path, statSync(path), () => new Promise(resolve => { go = resolve }))
  await until(() => go, 'the file is open')
  write('b.html', 'newer')
  renameSync(path.replace('a.html', 'b.html'), path)
  t.equal((await get(cache, path)).body.toString(), 'newer')
  go?.()
  t.equal((await slow).body.toString(), 'old')
  t.equal((await get(cache, path)).body.toString(), 'newer', 'and what it read is not taken for the new file')
})

const torn: Record<string, (path: string) => void> = {
  truncated: path => truncateSync(path, 2),
  grown: path => writeFileSync(path, 'more than before'),
  rewritten: path => { writeFileSync(path, 'XXXXX'); utimesSync(path, 1, 1) }
}
for (const [how, change] of Object.entries(torn)) {
  test(`a file ${how} while it is read is sent once and not kept`, async t => {
    const { write } = folder(t)
    const path = write('a.html', 'whole')
    const cache = createPageCache(undefined, async (file, flags) => {
      const handle = await open(file, flags)
      const read = (...args: Parameters<typeof handle.read>) => {
        change(path)
        return handle.read(...args)
      }
      return { fd: handle.fd, stat: handle.stat.bind(handle), read, close: handle.close.bind(handle) } as unknown as typeof handle
    })
    const stat = statSync(path)
    const page = await cache.load(path, path, stat, allow)
    t.equal(page.whole, false)
    t.ok(page.body.length <= 5)
    t.equal(cache.hit(path, stat), undefined)
    t.notOk(cache.stable(page.body))
  })
}
