// A save in a large site -> the page that a tab shows has loaded, in Chromium.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { openBrowser } from './browser.js'
import { pause } from './measure.js'

/**
 * @param {string} dir the sources
 * @param {import('fastify-live-reload').Builder} builder writes to `out`
 * @param {string} page its source, relative to `content`
 * @returns {Promise<number[]>} milliseconds, by the wall clock that a page and this process share
 */
export async function saveToLoad (dir, builder, page, rounds) {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(liveReload, { root: join(dir, 'out'), build: { name: 'site', source: [join(dir, 'content'), join(dir, 'includes')], builder } })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await app.liveReload.ready
  const browser = await openBrowser()
  const tab = await browser.newPage()
  let shows = () => {}
  tab.on('load', async () => shows(Date.now(), await tab.content().catch(() => '')))
  const connected = tab.waitForEvent('websocket')
  await tab.goto(`${url}/${page.replace('.md', '.html')}`)
  await connected
  const file = join(dir, 'content', page)
  const text = readFileSync(file, 'utf8')
  const times = []
  for (let i = 0; i < rounds; i++) {
    await pause(700)
    const next = tab.waitForEvent('websocket')
    const shown = new Promise(resolve => { shows = (at, html) => { if (html.includes(`Edit number ${i}.`)) resolve(at) } })
    const began = Date.now()
    writeFileSync(file, `${text}\nEdit number ${i}.\n`)
    times.push(await shown - began)
    await next
  }
  await browser.close()
  await app.close()
  return times
}
