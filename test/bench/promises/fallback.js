// A transport that never opens is left for the other one, and a save reloads: the time is the page's own, from the beginning of its navigation.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { openBrowser } from '../browser.js'
import { start } from '../children.js'
import { overwrite, pageOf } from '../files.js'
import { pause } from '../measure.js'

const WAIT = `
  window.left = new Promise(resolve => {
    const look = () => window.__liveReload ? window.__liveReload.on('fallback', ({ to }) => resolve({ to, ms: performance.now() })) : setTimeout(look)
    look()
  })`

/** @param {import('../index.js').Run} run */
export async function fallback ({ folders, quick }) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256' })
  const browser = await openBrowser()
  const rounds = quick ? 1 : 5
  // Over HTTP/2 the stream comes first. Both at once: they do nothing but wait.
  const found = await Promise.all([
    leave(browser, folders.make(), rounds, { mute: '/__live/socket' }, 'sse'),
    leave(browser, folders.make(), rounds, { mute: '/__live/events', tls: { key, cert } }, 'ws')
  ])
  await browser.close()
  return found.flatMap(({ left, reloaded }, i) => {
    const name = ['a WebSocket that never opens is left for SSE', 'SSE that never opens (HTTP/2) is left for a WebSocket'][i]
    return [
      { promise: name, bound: '3,500 ms', most: 3500, values: left },
      { promise: 'the same: a save reloads then', bound: 'it does', most: 5000, values: reloaded }
    ]
  })
}

async function leave (browser, root, rounds, options, other) {
  const path = join(root, 'page.html')
  let count = 0
  const content = () => pageOf(4096, `<script>ran(Date.now())</script><meta name="n" content="${++count}">`)
  writeFileSync(path, content())
  const { url, stop } = await start('live', root, options, 'promises/server.js')
  const found = { left: [], reloaded: [] }
  for (let round = 0; round < rounds; round++) {
    // A new one each time: a session remembers what opened.
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const tab = await context.newPage()
    let ran = () => {}
    await tab.exposeFunction('ran', at => ran(at))
    await tab.addInitScript(WAIT)
    await tab.goto(`${url}/page.html`)
    const { to, ms } = await tab.evaluate('window.left')
    found.left.push(to === other ? ms : Infinity)
    const reloaded = new Promise(resolve => { ran = resolve })
    const began = Date.now()
    overwrite(path, content())
    found.reloaded.push(await Promise.race([reloaded, pause(5000).then(() => Infinity)]) - began)
    await context.close()
  }
  await stop()
  return found
}
