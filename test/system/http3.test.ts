// The example behind Caddy, in real Chromium: over HTTP/3, 2 and 1.1, with UDP that stops, with ten tabs.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import tap, { test, type Test } from 'tap'
import type { LiveReloadStatus } from '../../types/status.js'
import { ARGS, launch } from '../support/browser.js'
import { systemProgram } from '../setup/system-program.js'
import { example, freePort, run } from '../support/example.js'
import { fallsInTime, MEASURE, measured } from '../support/falling.js'
import { folder } from '../support/folder.js'
import { issue, spkiOf } from '../support/issue.js'
import { relay, relayDatagrams } from '../support/relay.js'
import { until } from '../support/wait.js'

const PATH = `${dirname(systemProgram('caddy'))}${delimiter}${process.env.PATH}`
const at = folder(tap)
const { cert, key } = await issue()
at.write('localhost.pem', cert)
at.write('localhost.key.pem', key)
mkdirSync(at.at('public'))
cpSync(example('http3-caddy/public'), at.at('public'), { recursive: true })

const [port, appPort] = [await freePort(), await freePort()]
// What Caddy keeps goes with the folder.
const env = { PATH, PORT: String(port), APP_PORT: String(appPort), APP_DIR: at.path, CERTIFICATES: at.path, XDG_CONFIG_HOME: at.path, XDG_DATA_HOME: at.path }
await run(tap, [example('http3-caddy/start.js')], env, process.cwd(), /http:\/\/127\.0\.0\.1:\d+/)
await until(() => fetch(`http://127.0.0.1:${appPort}/__live/health`).then(answer => answer.ok, () => false), 'the app watches')

/** A Chromium that trusts the certificate. QUIC only where it is told: a certificate of one's own is not enough for it to try by itself. */
async function chromium (t: Test, ...args: string[]): Promise<Browser> {
  const browser = await launch([...ARGS.filter(arg => arg !== '--disable-quic'), `--ignore-certificate-errors-spki-list=${spkiOf(cert)}`, '--host-resolver-rules=MAP localhost 127.0.0.1', ...args])
  t.teardown(() => browser.close())
  return browser
}
const overQuic = (to: number) => `--origin-to-force-quic-on=localhost:${to}`

const protocol = (tab: Page) => tab.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol')
const hears = (tab: Page, transport: string) => tab.waitForFunction(`window.__liveReload?.connectionType === "${transport}"`)
const metrics = (tab: Page) => tab.evaluate<Record<string, number>>('({ ...__liveReload.metrics })')

async function clients (): Promise<number> {
  const { clients } = await (await fetch(`http://127.0.0.1:${appPort}/__live/health`)).json() as LiveReloadStatus
  return clients
}

let saves = 0
async function save (...tabs: Page[]) {
  const title = `Saved ${++saves}`
  // In one go, as editors do it: reloads are counted here.
  renameSync(at.write('draft.html', readFileSync(at.at('public/index.html'), 'utf8').replace(/<h1>.*<\/h1>/, `<h1>${title}</h1>`)), at.at('public/index.html'))
  for (const tab of tabs) await tab.locator('h1', { hasText: title }).waitFor()
}

const cases = [
  ['HTTP/3', [overQuic(port)], 'h3', 'sse', 'SSE'],
  ['HTTP/2', ['--disable-quic'], 'h2', 'sse', 'SSE'],
  ['HTTP/1.1', ['--disable-quic', '--disable-http2'], 'http/1.1', 'ws', 'WebSocket']
] as const

for (const [name, args, expected, transport, shown] of cases) {
  test(`${name}: ${transport}, a save reloads; the other transport by hand, a save reloads`, async t => {
    const tab = await (await chromium(t, ...args)).newPage()
    const log: string[] = []
    tab.on('console', message => log.push(message.text()))
    t.teardown(() => { if (!t.passing()) t.comment(log.join('\n')) })
    await tab.goto(`https://localhost:${port}/`)
    await hears(tab, transport)
    t.equal(await protocol(tab), expected)
    await tab.locator('#transport', { hasText: shown }).waitFor()
    t.equal(await tab.locator('#protocol').innerText(), expected)
    await save(tab)
    await hears(tab, transport)
    t.equal(await protocol(tab), expected)

    const other = transport === 'ws' ? 'sse' : 'ws'
    await tab.evaluate(`__liveReload.reconnect("${other}")`)
    await hears(tab, other)
    await save(tab)
    await hears(tab, transport)
    t.match(await metrics(tab), { reloads: 2, fallbacks: 0, failures: 0 })
    await tab.close()
    await until(async () => await clients() === 0, 'Caddy lets go of the connection')
  })
}

test('ten tabs over HTTP/1.1, by SSE: one connection, no page starved', async t => {
  const context = await (await chromium(t, '--disable-quic', '--disable-http2')).newContext()
  const tabs: Page[] = []
  for (let i = 0; i < 10; i++) {
    const tab = await context.newPage()
    await tab.goto(`https://localhost:${port}/`)
    await tab.waitForFunction('window.__liveReload?.state === "open"')
    if (i === 0) await tab.evaluate('__liveReload.reconnect("sse")')
    await hears(tab, 'sse')
    tabs.push(tab)
  }
  t.equal(await clients(), 1)
  await save(...tabs)
  for (const tab of tabs) t.match(await metrics(tab), { reloads: 1 })
})

test('HTTP/3, and UDP stops before the stream is open: WebSocket within 3.5 s, a save reloads', async t => {
  const { tab, udp } = await fallsInTime(t, async () => {
    const { port: near } = await relay(t, port)
    const udp = await relayDatagrams(t, port, near)
    const tab = await (await chromium(t, overQuic(near))).newPage()
    await tab.goto(`https://localhost:${near}/`)
    await hears(tab, 'sse')
    t.equal(await protocol(tab), 'h3')

    // The next page still comes over UDP, its stream does not.
    await tab.exposeFunction('cutUdp', () => udp.cut())
    await tab.addInitScript(`{
      const Native = EventSource
      window.EventSource = function (url) {
        const stream = { addEventListener () {}, close () { stream.real?.close() } }
        ${MEASURE}
        window.cutUdp().then(() => { stream.real = new Native(url) })
        return stream
      }
    }`)
    await tab.reload({ waitUntil: 'commit' })
    return { tab, udp, fall: await measured(tab) }
  })
  t.match(await tab.evaluate('[__liveReload.connectionType, { ...__liveReload.metrics }]'), ['ws', { fallbacks: 1, failures: 1 }])
  udp.mend()
  await save(tab)
  await hears(tab, 'ws')
  t.equal(await protocol(tab), 'h3')
})

test('without Caddy: the one line that says how to get it', t => {
  const { NODE_OPTIONS, ...rest } = process.env
  const { status, stderr } = spawnSync(process.execPath, [example('http3-caddy/start.js')], { encoding: 'utf8', env: { ...rest, ...env, PATH: '' } })
  t.equal(status, 1)
  t.match(stderr, /^This example needs Caddy: install it with "[^"]+", or run "docker compose up" in examples\/http3-caddy\n$/)
  t.end()
})
