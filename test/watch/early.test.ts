// A page that was sent before anything was watched: whatever changes then is told to its tab, once.
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { clock } from '../../lib/shared/clock.js'
import { createBackends } from '../../lib/watch/backends/backends.js'
import { startApp } from '../support/app.js'
import { type Folder, folder } from '../support/folder.js'
import { page } from '../support/page.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

const FILES = { 'www/d/page.html': page('one'), 'next/page.html': page('two'), 'www/linked.html': page('two') }

const changes: Record<string, (f: Folder) => void> = {
  'saved in place' (f) { f.write('www/d/page.html', page('two')) },
  'moved into place' (f) { renameSync(f.at('next/page.html'), f.at('www/d/page.html')) },
  removed (f) { rmSync(f.at('www/d/page.html')) },
  'removed with its directory' (f) { rmSync(f.at('www/d'), { recursive: true }) },
  'its directory exchanged for an older one' (f) { renameSync(f.at('www/d'), f.at('before')); renameSync(f.at('next'), f.at('www/d')) },
  'exchanged for a link to an older file' (f) { rmSync(f.at('www/d/page.html')); symlinkSync('../linked.html', f.at('www/d/page.html')) },
  'the root removed' (f) { rmSync(f.at('www'), { recursive: true }) },
  'the directory around the root exchanged' (f) { renameSync(f.path, `${f.path}-before`); f.write('www/d/page.html', page('two')) }
}

for (const [name, change] of Object.entries(changes)) {
  for (const backend of ['auto', 'poll'] as const) {
    for (const [option, url] of [['root', '/d/page.html'], ['watch', '/rendered']] as const) {
      test(`${name} before the first look, ${option}, ${backend}`, async t => {
        const f = folder(t, FILES)
        // What comes last lies here where the root is gone: one that comes back would be one more change.
        const beside = name === 'the root removed' ? folder(t, { 'www/a.txt': '' }) : undefined
        const watch = beside ? [beside.path] : []
        t.teardown(() => rmSync(`${f.path}-before`, { recursive: true, force: true }))
        let stamp = ''
        const { app, tab } = await startApp(t, { backend, pollInterval: 50, ...option === 'root' ? { root: f.at('www'), watch } : { watch: [f.at('www'), ...watch] } }, {
          async after (app) {
            app.get('/rendered', async (_request, reply) => reply.type('text/html').send(await readFile(f.at('www/d/page.html'), 'utf8')))
            const { body } = await app.inject({ url, headers: { host: 'localhost' } })
            t.match(body, 'one')
            stamp = /data-live-reload="([^"]+)"/.exec(body)?.[1] ?? ''
            change(f)
          }
        })
        const { got } = await tab(stamp)
        await until(() => got.some(({ type }) => type === 'reload'), 'a reload')
        // What comes last shows that nothing more came.
        const { write } = beside ?? f
        write('www/last.html', page('last'))
        await until(() => JSON.stringify(got.at(-1)).includes('last.html'), 'the last message')
        t.match(got.filter(({ type }) => type === 'reload' || type === 'update'), { length: 2 }, 'told once')
        t.equal(app.liveReload.status().seq, 2)
      })
    }
  }
}

for (const backend of ['auto', 'poll'] as const) {
  test(`where nothing changes, a page that was sent before the first look is told nothing, ${backend}`, async t => {
    const f = folder(t, FILES)
    const { tab } = await startApp(t, { root: f.at('www'), backend, pollInterval: 50 }, {
      async after (app) { await app.inject({ url: '/d/page.html', headers: { host: 'localhost' } }) }
    })
    const { got } = await tab()
    f.write('www/last.html', page('last'))
    await until(() => JSON.stringify(got.at(-1)).includes('last.html'), 'the last message')
    t.match(got.at(-1), { seq: 1, paths: { length: 1 } })
  })
}

test('what is gone before the first look is no change where no page was sent', async t => {
  const f = folder(t, FILES)
  const { app, tab } = await startApp(t, { root: f.at('www') }, {
    async after (app) {
      await app.ready()
      rmSync(f.at('www/d/page.html'))
    }
  })
  const { got } = await tab()
  f.write('www/last.html', page('last'))
  await until(() => JSON.stringify(got.at(-1)).includes('last.html'), 'the last message')
  t.equal(app.liveReload.status().seq, 1)
})

// What was never seen has no name: its directory tells.
for (const [name, path] of [['saved in place', 'www/d/page.html'], ['removed', 'www/d'], ['its directory exchanged for an older one', 'www/d'], ['exchanged for a link to an older file', 'www/d/page.html']] as const) {
  test(`${name} while the system opens the root`, async t => {
    const f = folder(t, FILES)
    const backends = createBackends(clock)
    const { native } = backends
    let release = (): void => {}
    const held = new Promise<void>(resolve => { release = resolve })
    let isOpening = false
    const open: typeof native.open = async (...given) => {
      isOpening = true
      await held
      return await native.open(...given)
    }
    const w = watching(t, f.at('www'), { usedSince: () => true }, undefined, { clock, backends: { ...backends, native: { ...native, open } } })
    // The times of the disk are those of the last tick of the system's clock.
    const began = performance.now()
    await until(() => isOpening && performance.now() > began + 20, 'it is being opened, and the clock has gone on')
    t.match(w.watch.status(), { state: 'degraded', reason: /first scan/ })
    changes[name]?.(f)
    release()
    await w.told(f.at(path))
    await w.settled()
    t.equal(w.batches.length, 1, 'once')
    t.equal(w.watch.status().state, 'ok')
  })
}
