// Hooks that change what is watched, and people who save while hooks run. Real files; builds are counted.
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type Test } from 'tap'
import type { BuildFunction, Hooks } from '../../types/build.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'

/** Later than any event of the system can come. */
const LATE = 900

async function project (t: Test, make: (page: string) => { before: Hooks, builder?: BuildFunction }) {
  const { at } = folder(t, { 'src/page.md': 'a', 'src/other.md': 'o' })
  const page = at('src/page.md')
  const { before, builder } = make(page)
  const seen = { builds: [] as string[], changed: [] as (readonly string[])[], started: 0, aborted: 0 }
  const { app } = await startApp(t, {
    build: {
      source: at('src'),
      before,
      async builder (request, context) {
        seen.builds.push(readFileSync(page, 'utf8'))
        seen.changed.push(request.changed)
        await builder?.(request, context)
      }
    }
  })
  app.liveReload.on('build:start', () => { seen.started++ })
  app.liveReload.on('build:end', ({ result }) => { if (result === undefined) seen.aborted++ })
  const ended = () => new Promise<void>(resolve => { const undo = app.liveReload.on('build:end', ({ result }) => { if (result !== undefined) { undo(); resolve() } }) })
  return { at, page, seen, ended, save: (text: string) => writeFileSync(page, text) }
}

/** As a formatter does: it writes only what it would write otherwise. */
function format (page: string): void {
  const text = readFileSync(page, 'utf8')
  const formatted = text.trim().toUpperCase()
  if (text !== formatted) writeFileSync(page, formatted)
}

test('at level debug the log has a line for the begin and the end of a hook, with fields', async t => {
  const { at } = folder(t, { 'src/page.md': 'a' })
  const lines: string[] = []
  await startApp(t, { build: { name: 'site', source: at('src'), before: function check () {}, builder: () => {} } }, { server: { logger: { level: 'debug', stream: { write: line => { lines.push(line) } } } } })
  const said = await until(() => {
    const found = lines.map(line => JSON.parse(line) as { level: number, msg: string, hook?: string }).filter(({ hook }) => hook !== undefined)
    return found.length === 2 && found
  }, 'the lines')
  t.match(said, [
    { level: 20, build: 'site', hook: 'before', run: 'check', msg: 'build "site": before hook check begins' },
    { level: 20, build: 'site', hook: 'before', run: 'check', outcome: 'ok', ms: Number, msg: /^build "site": before hook check ended after \d+ ms$/ }
  ])
})

test('a hook that formats the sources: each save is one build', async t => {
  let runs = 0
  const { seen, ended, save, page } = await project(t, page => ({
    before: () => {
      runs++
      format(page)
    }
  }))
  t.strictSame([seen.builds, seen.changed, runs], [['A'], [[]], 2], 'one at the start')
  for (const text of ['b', 'c']) {
    const end = ended()
    save(text)
    await end
    // What is told of the hook's own writing comes late.
    await sleep(LATE)
  }
  t.strictSame(seen.builds, ['A', 'B', 'C'])
  t.strictSame(seen.changed.slice(1), [[page], [page]])
  t.strictSame([seen.started, seen.aborted, runs], [2, 0, 6], 'and none was aborted')
})

test('a formatter that is a program', onPosix, async t => {
  const temporary = folder(t).at('formatted')
  const { seen, ended, save, page } = await project(t, page => ({
    before: [['sh', '-c', 'tr a-z A-Z < "$1" > "$2"; cmp -s "$1" "$2" || cp "$2" "$1"', 'sh', page, temporary], 'true']
  }))
  const end = ended()
  save('b')
  await end
  t.strictSame([seen.builds, seen.changed], [['A', 'B'], [[], [page]]])
})

test('a save while the builder runs makes the build stale', async t => {
  let saved = false
  const { seen, ended, save } = await project(t, page => ({
    before: () => format(page),
    builder: async ({ reason }, { signal }) => {
      if (reason === 'start' || saved) return
      saved = true
      writeFileSync(page, 'c')
      await sleep(20_000, undefined, { signal })
    }
  }))
  const end = ended()
  save('b')
  await end
  t.strictSame(seen.builds, ['A', 'B', 'C'])
  t.equal(seen.aborted, 1)
})

test('a save while hooks run is in what they read, and in what the builder reads', async t => {
  for (const turns of [0, 1, 5, 25]) {
    let read = ''
    let built = ''
    let saves = 0
    const { seen, ended, save } = await project(t, page => ({
      // It reads, and goes on for a while: what it makes of a save meanwhile is made of the old content.
      before: [async () => {
        read = readFileSync(page, 'utf8')
        if (read !== 'b' || saves++ > 0) return
        await sleep(turns)
        writeFileSync(page, 'c')
        await sleep(turns)
      }, () => {}],
      builder: () => { built = read }
    }))
    const end = ended()
    save('b')
    await end
    await until(() => built === 'c' && seen.builds.at(-1) === 'c', 'the last content')
    t.strictSame([seen.builds, seen.aborted], [['a', 'c'], 0], `${turns} ms`)
  }
})

test('a save while a hook runs and does not end makes the build stale', async t => {
  let stuck = false
  const { seen, save } = await project(t, page => ({
    before: async (_, { signal }) => {
      if (readFileSync(page, 'utf8') !== 'b') return
      stuck = true
      await sleep(60_000, undefined, { signal })
    }
  }))
  save('b')
  await until(() => stuck, 'the hook')
  save('c')
  await until(() => seen.builds.at(-1) === 'c', 'the newer one')
  t.strictSame([seen.builds, seen.aborted], [['a', 'c'], 1])
})

test('a hook that always writes something else: the builder runs, and the loop is found', async t => {
  let stamp = 0
  const { seen, ended, save, at } = await project(t, page => ({ before: () => writeFileSync(page.replace('page', 'stamp'), String(++stamp)) }))
  t.ok(readFileSync(at('src/stamp.md'), 'utf8'))
  const end = ended()
  save('b')
  await end
  await until(() => seen.builds.at(-1) === 'b', 'built')
  const before = seen.builds.length
  await until(() => seen.builds.length > before, 'and again: it may have been a person')
  t.equal(seen.aborted, 0)
})
