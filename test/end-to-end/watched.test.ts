// The server is restarted for the very change that reloads the page, as nodemon and `tsx watch` do, in real Chromium with "Disable cache" on.
import { fork, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { devtools, page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { times } from '../support/times.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const SERVER = fileURLToPath(new URL('watched-server.js', import.meta.url))
const SAVES = times(3, 100)
/** Milliseconds from the save until the old process ends: around the time at which a page would load. */
const EARLIEST = 10
const STEP = 9
const STEPS = 8

test('a server that is restarted for each save: the tab has a client after each, and loads once', async t => {
  const { path, at } = folder(t, { 'page.html': html('0') })
  const start = async (port: number): Promise<{ child: ChildProcess, port: number }> => {
    const child = fork(SERVER, [path, String(port)], { execArgv: [] })
    t.teardown(() => child.kill('SIGKILL'))
    return { child, ...await new Promise<{ port: number }>(resolve => child.once('message', message => resolve(message as { port: number }))) }
  }
  let { child, port } = await start(0)
  const tab = await page(t)
  const session = await devtools(tab)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  let loads = 0
  tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
  await tab.goto(`http://127.0.0.1:${port}/`)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  for (let save = 1; save <= SAVES; save++) {
    const before = loads
    writeFileSync(at('page.html'), html(String(save)))
    const delay = EARLIEST + (save * 3 % STEPS) * STEP
    await new Promise(resolve => setTimeout(resolve, delay))
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    ;({ child } = await start(port))
    await tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', String(save), { timeout: 20_000 })
    t.equal(loads - before, 1, `save ${save}, the process ended after ${delay} ms`)
  }
})
