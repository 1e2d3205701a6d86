// A page that was made between a change and its undoing shows what is no longer on disk: its tab is told.
import { rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'tap'
import type { BuildContext, BuildRequest } from '../../types/build.js'
import type { ServerMessage } from '../../types/message.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { clock } from '../../lib/shared/clock.js'
import type { HintListener } from '../../lib/watch/backends/backend.js'
import { createPoll } from '../../lib/watch/backends/poll.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

const page = (text: string) => `<!doctype html><html><head></head><body>${text}</body></html>`

const cases: Record<string, LiveReloadOptions> = {
  'native events': { backend: 'auto' },
  'native events, debounce: 500': { backend: 'auto', debounce: 500 },
  polling: { backend: 'poll', pollInterval: 300 }
}

for (const [name, options] of Object.entries(cases)) {
  test(`what was undone is told to a tab that was made meanwhile: ${name}`, async t => {
    const f = folder(t, { 'site/page.html': page('one'), 'views/page.html': page('one') })
    const { request, tab } = await startApp(t, { ...options, root: f.at('site'), watch: f.at('views') }, {
      after: app => app.get('/rendered', async (_request, reply) => reply.type('text/html').send(await readFile(f.at('views/page.html'), 'utf8')))
    })

    /** Gets the page while it is different, undoes that, and waits until the tab of that page has been told. */
    const check = async (target: string, path: string, undo: () => void) => {
      f.write(path, page('two'))
      const { text } = await until(async () => {
        const answer = await request(target)
        return answer.text.includes('two') ? answer : undefined
      }, 'the page')
      await pause(20)
      undo()
      const [, at = ''] = /data-live-reload="([^"]+)"/.exec(text) ?? []
      t.ok(at, 'it has a stamp')
      const { got } = await tab(at)
      await until(() => got.some(({ type }) => type === 'reload'), `a reload for ${target}`, 5000)
    }

    await check('/page.html', 'site/page.html', () => f.write('site/page.html', page('one')))
    await check('/new.html', 'site/new.html', () => rmSync(f.at('site/new.html')))
    await check('/rendered', 'views/page.html', () => f.write('views/page.html', page('one')))
  })
}

for (const backend of ['auto', 'poll'] as const) {
  test(`what came and went before its root was found is told to a page that was made of it: ${backend}`, async t => {
    const f = folder(t, {})
    const { app, request, tab } = await startApp(t, { backend, pollInterval: 100, watch: f.at('views') }, {
      after: app => app.get('/rendered', async (_request, reply) => reply.type('text/html').send(await readFile(f.at('views/page.html'), 'utf8')))
    })
    await until(() => app.liveReload.status().watch.reason?.includes('does not exist'), 'the root is missing')

    // The root is looked for a few times a second, so that what is there for the time of one request is missed.
    f.write('views/page.html', page('two'))
    const { text } = await request('/rendered')
    rmSync(f.at('views/page.html'))
    t.match(text, 'two')
    const [, at = ''] = /data-live-reload="([^"]+)"/.exec(text) ?? []
    const { got } = await tab(at)
    const reload = await until(() => got.find(({ type }) => type === 'reload'), 'a reload', 5000)
    t.match(reload, { paths: [f.at('views')] })
  })
}

for (const backend of ['auto', 'poll'] as const) {
  test(`a build that writes again what was there starts no build, ${backend}`, async t => {
    const names = Array.from({ length: 20 }, (_, i) => `out/${i}.js`)
    const f = folder(t, { 'src/a.txt': 'one', 'src/generated.txt': 'same', 'out/page.html': page('one') })
    let builds = 0
    const builder = async () => {
      builds++
      for (const name of ['src/generated.txt', ...names]) f.write(name, 'same')
      const at = performance.now()
      await until(() => performance.now() > at + 100, 'it goes on for a while')
    }
    const { app, tab } = await startApp(t, { root: f.at('out'), backend, pollInterval: 50, build: { source: f.at('src'), builder } })
    await app.liveReload.ready
    const before = app.liveReload.status().seq
    const { got } = await tab()
    for (const [i, text] of ['two', 'three', 'four'].entries()) {
      await app.inject({ url: '/page.html', headers: { host: 'localhost' } })
      f.write('src/a.txt', text)
      await until(() => got.filter(({ type, ...rest }) => type === 'build' && 'state' in rest && rest.state === 'ok').length === i + 1, 'it is built')
    }
    f.write('out/last.html', page('last'))
    await until(() => JSON.stringify(got.at(-1)).includes('last.html'), 'the last message')
    t.equal(builds, 4, 'the first one, and one for each save')
    // Polling cannot tell what the outputs held in between.
    if (backend === 'auto') t.equal(app.liveReload.status().seq, before + 1, 'and no page reloads')
  })
}

for (const backend of ['auto', 'poll'] as const) {
  test(`a page that a build takes out and writes again has changed only if it was asked for meanwhile: ${backend}`, async t => {
    const f = folder(t, { src: '', 'out/page.html': page('one'), 'out/a.css': '0' })
    let [builds, during] = [0, async (_signal: AbortSignal): Promise<void> => {}]
    const builder = async (_request: BuildRequest, { signal }: BuildContext) => {
      rmSync(f.at('out/page.html'), { force: true })
      if (builds++ > 0) {
        await until(() => app.liveReload.status().watch.files === files - 1, 'it is missed')
        await during(signal)
      }
      if (signal.aborted) return
      f.write('out/page.html', page('one'))
      f.write('out/a.css', String(builds))
    }
    // Nothing is told before the build has ended.
    const { app, request, tab } = await startApp(t, { root: f.at('out'), backend, debounce: 5000, pollInterval: 20, build: { source: f.at('src'), builder } })
    await app.liveReload.ready
    const { files } = app.liveReload.status().watch
    const { got } = await tab()
    const told = async () => {
      await request('/page.html')
      const { seq } = app.liveReload.status()
      await app.liveReload.build()
      const isNew = (message: ServerMessage) => (message.type === 'reload' || message.type === 'update') && message.seq > seq
      await until(() => got.some(isNew), 'it is told')
      return JSON.stringify(got.filter(isNew))
    }

    t.notMatch(await told(), '/page.html', 'asked for before')
    during = async () => { await request('/page.html') }
    t.match(await told(), '/page.html', 'asked for while it was gone')
    during = async signal => {
      during = async () => {}
      await request('/page.html')
      app.liveReload.build()
      await until(() => signal.aborted, 'the next build takes its place')
    }
    t.match(await told(), '/page.html', 'asked for during a build that was aborted')
  })
}

for (const backend of ['auto', 'poll'] as const) {
  test(`a source that a build has read, and that is gone, is built again, but no file that the build made: ${backend}`, async t => {
    const f = folder(t, { 'src/a.txt': 'one' })
    const [read, changed]: [string[][], (readonly string[])[]] = [[], []]
    let during = async (): Promise<void> => {}
    const builder = async (request: BuildRequest) => {
      read.push(await readdir(f.at('src')))
      changed.push(request.changed)
      await during()
    }
    // So long after its file was seen, a change is told: the file is gone before.
    const { app } = await startApp(t, { backend, debounce: 500, pollInterval: 20, build: { source: f.at('src'), builder } })
    await app.liveReload.ready
    const { files } = app.liveReload.status().watch
    const seen = () => until(() => app.liveReload.status().watch.files > files, 'it is seen')
    const gone = () => until(() => app.liveReload.status().watch.files === files, 'it is missed')

    const began = performance.now()
    during = async () => {
      await until(() => performance.now() > began + 50, 'no tick of the clock makes its file look older than the build')
      f.write('src/of-the-build', 'x')
      await seen()
      rmSync(f.at('src/of-the-build'))
      await gone()
    }
    await app.liveReload.build()
    during = async () => {
      await seen()
      rmSync(f.at('src/b.txt'))
    }
    f.write('src/b.txt', 'x')
    await app.liveReload.build()
    during = async () => {}
    await until(() => read.length >= 4, 'it is built again')
    t.strictSame(read.slice(1), [['a.txt'], ['a.txt', 'b.txt'], ['a.txt']], 'once for each request, and once more')
    t.strictSame(changed.at(-1), [f.at('src/b.txt')], 'for the source that is gone')
  })
}

test('what came and went while a root that is back was opened is told to what was made of it', async t => {
  const f = folder(t, {})
  let [isOpening, mayOpen] = [false, (): void => {}]
  const opened = new Promise<void>(resolve => { mayOpen = resolve })
  const backend = { followsNewDirectories: true, canOverlap: true, async open () { isOpening = true; await opened; return { async close () {} } } }
  let madeAt = -Infinity
  const w = watching(t, f.at('views'), { backend: 'native', reportReturns: true, usedSince: at => madeAt >= at }, undefined, { clock, backends: { native: backend, poll: createPoll(clock) } })
  await w.watch.ready
  t.notOk(isOpening, 'the root is missing')

  f.write('views/page.html', 'one')
  await until(() => isOpening, 'it is opened')
  f.write('views/gone.html', 'two')
  madeAt = performance.now()
  rmSync(f.at('views/gone.html'))
  mayOpen()
  await w.told(f.at('views'))
  await w.told(f.at('views/page.html'))
})

for (const debounce of [0, 500]) {
  test(`what was undone is told however late its hint comes, and whatever looked at it before, debounce: ${debounce}`, async t => {
    const f = folder(t, { 'page.html': 'one', 'gone/page.html': 'one' })
    let hint: HintListener = async () => false
    const backend = { followsNewDirectories: true, canOverlap: true, async open (_root: string, onHint: HintListener) { hint = onHint; return { async close () {} } } }
    let madeAt = -Infinity
    const usedSince = (at: number) => madeAt >= at
    const w = watching(t, f.path, { backend: 'native', debounce, usedSince }, undefined, { clock, backends: { native: backend, poll: createPoll(clock) } })
    await w.watch.ready

    const undoings: Record<string, () => void> = {
      'page.html': () => f.write('page.html', 'one'),
      'new.html': () => rmSync(f.at('new.html')),
      'gone/page.html': () => f.write('gone/page.html', 'one')
    }
    for (const [isScanned, [name, undo]] of [false, true].flatMap(isScanned => Object.entries(undoings).map(each => [isScanned, each] as const))) {
      if (name.startsWith('gone')) rmSync(f.at(name))
      else f.write(name, 'two')
      madeAt = performance.now()
      undo()
      // As the audit does, and the look at the siblings of a new name.
      if (isScanned) await w.watch.scan()
      await until(() => performance.now() > madeAt + 1000, 'the hint is late')
      await hint([f.at(name)])
      await w.told(f.at(name))
      await w.settled()
      w.clear()
    }

    madeAt = -Infinity
    f.write('page.html', 'one')
    await hint([f.at('page.html')])
    await w.settled()
    t.same(w.all(), [], 'and nothing is told where nothing was made meanwhile')
  })
}
