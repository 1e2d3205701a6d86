// A page that was made between a change and its undoing shows what is no longer on disk: its tab is told.
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'tap'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

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
