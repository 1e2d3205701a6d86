// A supervisor restarts the server for the very change that is the first of a tab: Fastify closes by the time the tab asks for the module that applies changes, and answers 503. In real Chromium.
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import liveReload from '../../lib/index.js'
import type { LiveReloadClient } from '../../types/client.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

test('the server closes while a tab loads what applies its first change: the tab stays until the next process is there', async t => {
  const { path, at } = folder(t, { 'page.html': html('old') })
  let mayEnd = (): void => {}
  const left = new Promise<void>(resolve => { mayEnd = resolve })
  const start = async (port: number, onModule: (app: FastifyInstance) => void = () => {}): Promise<FastifyInstance> => {
    const app: FastifyInstance = Fastify({
      forceCloseConnections: true,
      serverFactory: handle => createServer((request, response) => {
        if (request.url?.startsWith('/__live/more.js')) onModule(app)
        // Once it closes, if it does.
        setImmediate(() => handle(request, response))
      })
    })
    t.teardown(() => { mayEnd(); return app.close() })
    await app.register(liveReload, { root: path })
    // Whatever the app itself does before it ends: until then a reload is answered 503.
    app.addHook('preClose', () => left)
    await app.listen({ port, host: '127.0.0.1' })
    return app
  }

  const tab = await page(t)
  let closed: Promise<unknown> | undefined
  const app = await start(0, app => { closed ??= app.close() })
  const { port } = app.server.address() as AddressInfo
  const answers: string[] = []
  tab.on('response', response => {
    answers.push(`${response.status()} ${new URL(response.url()).pathname}`)
    if (response.request().isNavigationRequest() && closed !== undefined) mayEnd()
  })
  await tab.goto(`http://127.0.0.1:${port}/page.html`)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await app.liveReload.ready

  writeFileSync(at('page.html'), html('new'))
  await Promise.race([left, tab.waitForFunction(() => window.__liveReload?.state === 'connecting').catch(() => {})])
  t.ok(answers.includes('503 /__live/more.js'), 'the module was not to be had')
  t.notOk(answers.includes('503 /page.html'), 'the page was not left')
  mayEnd()
  await closed
  await start(port)
  await tab.waitForFunction(() => document.title === 'new' && window.__liveReload?.state === 'open', undefined, { timeout: 20_000 })
  t.equal(answers.filter(answer => answer.endsWith('/page.html')).length, 2, 'loaded once more')
})
