// An app with templates and a WebSocket of its own, and live reload beside both.
import { cpSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { example, run } from '../support/example.js'
import { folder } from '../support/folder.js'

test('a template is edited: the page reloads, and the app has its socket', async t => {
  const copy = folder(t)
  for (const name of ['views', 'public']) cpSync(example(`own-routes/${name}`), copy.at(name), { recursive: true })
  const { url } = await run(t, [example('own-routes/server.js')], { PORT: '0', APP_DIR: copy.path })

  const tab = await page(t)
  const sockets: string[] = []
  tab.on('websocket', socket => sockets.push(new URL(socket.url()).pathname))
  await tab.goto(url)

  const say = async (text: string) => {
    await tab.locator('#time', { hasText: /\d/ }).waitFor()
    await tab.locator('#text').fill(text)
    await tab.locator('button').click()
    await tab.locator('#echo', { hasText: `The server says: ${text}` }).waitFor()
  }
  await say('before')
  await tab.waitForFunction('__liveReload.state === "open"')

  const view = readFileSync(copy.at('views/clock.ejs'), 'utf8')
  copy.write('views/clock.ejs', view.replace('The clock of this app', 'Another clock'))
  await tab.locator('h1', { hasText: 'Another clock' }).waitFor()
  await say('after')
  await tab.waitForFunction('__liveReload.state === "open"')
  t.equal(await tab.evaluate('__liveReload.metrics.reloads'), 1, 'reloaded once')
  t.strictSame([...sockets].sort(), ['/__live/socket', '/__live/socket', '/clock', '/clock'], 'one socket each, before and after')

  const style = readFileSync(copy.at('public/style.css'), 'utf8')
  copy.write('public/style.css', `${style}h1 { color: rgb(1, 2, 3) }\n`)
  await tab.waitForFunction('getComputedStyle(document.querySelector("h1")).color === "rgb(1, 2, 3)"')
  t.pass('a static file below `root` shows as well')
})
