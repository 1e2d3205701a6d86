// How many batches a save makes on real files, and what they hold. batcher.test.ts has the rules as a table.
import { mkdirSync, openSync, closeSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { backends, watching } from './watching.js'

const RUNS = times(1, 100)
/** What does not depend on the source of hints is shown for one backend, and for all when there is time. */
const some = backends.slice(0, times(1, backends.length))

const saves: Record<string, (at: (name: string) => string, text: string) => void | Promise<void>> = {
  'in place' (at, text) { writeFileSync(at('page.html'), text) },
  'temporary file and rename' (at, text) { writeFileSync(at('page.html.k3j4'), text); renameSync(at('page.html.k3j4'), at('page.html')) },
  'unlink and create' (at, text) { unlinkSync(at('page.html')); writeFileSync(at('page.html'), text) },
  'vim: backup, rename, write' (at, text) {
    writeFileSync(at('4913'), ''); unlinkSync(at('4913'))
    renameSync(at('page.html'), at('page.html~')); writeFileSync(at('page.html'), text); unlinkSync(at('page.html~'))
  },
  async 'truncate, then write a moment later' (at, text) {
    const fd = openSync(at('page.html'), 'w')
    await pause(12)
    writeSync(fd, text); closeSync(fd)
  },
  async 'slow temporary file' (at, text) { writeFileSync(at('.tmp-1'), text); await pause(20); renameSync(at('.tmp-1'), at('page.html')) },
  'large' (at, text) { writeFileSync(at('page.html'), text + 'x'.repeat(3_000_000)) }
}

for (const backend of backends) {
  for (const [name, save] of Object.entries(saves)) {
    test(`${backend}: one save is one batch: ${name}, ${RUNS} of ${RUNS}`, async t => {
      const f = folder(t, { 'page.html': 'zero' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      for (let run = 0; run < RUNS; run++) {
        if (run > 0) await pause(100)
        await save(f.at, `text ${run}`)
        await w.told(f.at('page.html'), 'update')
        await w.settled()
        if (w.batches.length !== 1 || w.all().length !== 1) return t.same(w.batches.map(({ changes }) => changes), [], `run ${run}`)
        t.match(w.batches[0]?.texts.get(f.at('page.html')), new RegExp(`^text ${run}`))
        w.clear()
      }
    })
  }
}

for (const backend of some) {
  test(backend, async t => {
    t.test(`two halves written 30 ms apart are at most two batches, and the last one shows the whole, ${RUNS} of ${RUNS}`, async t => {
      const f = folder(t, { 'page.html': 'zero' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      for (let run = 0; run < RUNS; run++) {
        const fd = openSync(f.at('page.html'), 'w')
        writeSync(fd, `<p>${run}`)
        await pause(30)
        writeSync(fd, '</p>')
        closeSync(fd)
        await until(() => w.batches.at(-1)?.texts.get(f.at('page.html')) === `<p>${run}</p>`, 'the whole page')
        await w.settled()
        if (w.batches.length > 2) return t.same(w.batches.map(({ texts }) => [...texts]), [], `run ${run}`)
        w.clear()
      }
      t.pass()
    })

    for (const [debounce, most] of ([[0, 2], [150, 1]] as const).slice(0, times(1, 2))) {
      t.test(`5,000 writes at once with debounce ${debounce} are at most ${most} batches`, async t => {
        const f = folder(t)
        for (let i = 0; i < 5000; i++) f.write(`d${i % 50}/p${i}`, 'one')
        const w = watching(t, f.path, { backend, debounce, pollInterval: 300 })
        await w.watch.ready
        await w.settled()
        w.clear()
        for (let i = 0; i < 5000; i++) writeFileSync(f.at(`d${i % 50}/p${i}`), 'two')
        await until(() => new Set(w.all().map(({ path }) => path)).size === 5000, 'all told')
        await w.settled()
        t.ok(w.batches.length <= most, `${w.batches.map(({ changes }) => changes.length)}`)
      })
    }

    for (const [name, names] of [['one file', ['page.html']], ['many files', Array.from({ length: 20 }, (_, i) => `d${i % 5}/p${i}`)]] as const) {
      t.test(`saves of ${name} every 20 ms are reported within 600 ms, and so is the last`, async t => {
        const f = folder(t)
        for (const each of names) f.write(each, 'zero')
        let behind = 0
        const waiting = new Map<string, number>()
        const w = watching(t, f.path, { backend }, changes => {
          for (const { path } of changes) waiting.delete(path)
        })
        await w.watch.ready
        await w.settled()
        waiting.clear()
        const rounds = times(40, 250)
        for (let i = 0; i < rounds; i++) {
          const path = f.write(names[i % names.length] as string, `save ${i}`)
          if (!waiting.has(path)) waiting.set(path, performance.now())
          await pause(20)
          for (const since of waiting.values()) behind = Math.max(behind, performance.now() - since)
        }
        const last = f.at(names[(rounds - 1) % names.length] as string)
        await until(() => w.batches.findLast(({ texts }) => texts.has(last))?.texts.get(last) === `save ${rounds - 1}`, 'the last save')
        t.ok(behind < 600, `at most ${Math.round(behind)} ms behind`)
      })
    }
  })
}

test('a stream of saves is reported although debounce never sees quiet', async t => {
  const f = folder(t, { 'page.html': 'zero' })
  mkdirSync(f.at('d'))
  const w = watching(t, f.path, { debounce: 100 })
  await w.watch.ready
  const stop = setInterval(() => f.write('page.html', String(performance.now())), 20)
  t.teardown(() => clearInterval(stop))
  await w.told(f.at('page.html'))
  t.match(w.batches[0]?.changes, [{ type: 'update' }])
})
