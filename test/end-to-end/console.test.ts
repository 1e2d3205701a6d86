// The page's console in the app's log: with the plugin as users register it, real Chromium, a real bundle, both transports.
import { buildSync } from 'esbuild'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

interface Line { readonly level: number, readonly msg: string, readonly page?: string, readonly tab?: string, readonly stack?: string }

const HTML = '<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,"></head><body><script src="/app.js"></script></body></html>'
const SOURCE = 'interface Page { title: string }\n\nexport function render (page?: Page): void {\n  document.title = page!.title\n}\nsetTimeout(render)\nconsole.warn("careful, \\u001b[31mred\\u001b[0m", { password: "hunter2-hunter2" })\nconsole.info("not forwarded")\n'

for (const transport of ['ws', 'sse'] as const) {
  test(`by ${transport}: mapped to the source, tidied, at its level`, async t => {
    const { at } = folder(t, { 'public/index.html': HTML, 'src/app.ts': SOURCE })
    buildSync({ entryPoints: [at('src/app.ts')], outfile: at('public/app.js'), bundle: true, minify: true, sourcemap: 'linked' })
    const { url, lines } = await startApp(t, { root: at('public'), client: { transport, forwardConsole: true } })
    const logged = () => lines.map(line => JSON.parse(line) as Line).filter(({ msg }) => msg.startsWith('page '))
    const tab = await page(t)
    const violations: string[] = []
    tab.on('console', message => { if (message.text().includes('Content Security')) violations.push(message.text()) })
    await tab.goto(`${url}/?token=secret`)
    await until(() => logged().length === 2, 'both lines')
    const careful = logged().find(({ level }) => level === 40)
    const broken = logged().find(({ level }) => level === 50)
    t.match(careful?.msg, /^page \/ \([a-z0-9]+\): careful, red \{password: \*\*\*\}$/)
    t.match(broken?.msg, /^page \/ \([a-z0-9]+\): Uncaught TypeError: Cannot read properties of undefined \(reading 'title'\) \(.*src\/app\.ts:4:\d+\)$/)
    t.match(broken?.stack, /src\/app\.ts:4:\d+/)
    t.equal(careful?.tab, broken?.tab)
    t.notOk(lines.some(line => line.includes('not forwarded')))
    t.same(violations, [])
  })
}

test('off, as it is unless asked for: nothing of it is there', async t => {
  const { at } = folder(t, { 'index.html': HTML.replace('<script src="/app.js"></script>', '<script>console.error("quiet")</script>') })
  const { url, lines, tab: bare } = await startApp(t, { root: at('') })
  const tab = await page(t)
  await tab.goto(url)
  await tab.waitForFunction('window.__liveReload?.state === "open"')
  t.match(await tab.evaluate('console.error.toString()'), /native code/)
  t.match(await tab.content(), /client\.js\?v=/)
  const { socket } = await bare()
  socket.send(JSON.stringify({ type: 'log', level: 'error', text: 'quiet' }))
  socket.send(JSON.stringify({ type: 'applied', seq: 1, kind: 'reload', ms: 1 }))
  await tab.evaluate('window.__liveReload.reconnect()')
  await tab.waitForFunction('window.__liveReload?.state === "open"')
  t.notOk(lines.some(line => line.includes('quiet')))
})
