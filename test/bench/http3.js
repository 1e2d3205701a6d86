// An event over QUIC: from the moment a message is made to the moment a page in Chromium hears it, through Caddy by HTTP/3, 2 and 1.1, and without Caddy.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { openBrowser } from './browser.js'
import { start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, now, p95, pause, table } from './measure.js'

const BASELINE = 'HTTP/1.1, stream'
/** What the page is loaded by, its transport, and what Chromium needs for that. */
const WAYS = [
  ['HTTP/3, stream', 'h3', 'sse', port => [`--origin-to-force-quic-on=localhost:${port}`]],
  ['HTTP/2, stream', 'h2', 'sse', () => ['--disable-quic']],
  [BASELINE, 'http/1.1', 'sse', () => ['--disable-quic', '--disable-http2']],
  ['HTTP/1.1, socket', 'http/1.1', 'ws', () => ['--disable-quic', '--disable-http2']]
]
const PROMISED_MS = 10

/** @param {import('./index.js').Run} run */
export async function http3 ({ folders, quick, print }) {
  await import('../setup/typescript.js')
  const { issue, spkiOf } = await import('../support/issue.js')
  const { freePort } = await import('../support/example.js')
  const { cert, key } = await issue()
  const folder = folders.make({ 'localhost.pem': cert, 'localhost.key.pem': key })
  const contestants = []
  for (const [title, protocol, transport, argsOf] of WAYS) {
    const app = await start('events', folders.make({ 'index.html': pageOf(1024) }))
    const port = await freePort()
    const caddy = await startCaddy(folders, folder, port, app.url)
    const browser = await openBrowser([`--ignore-certificate-errors-spki-list=${spkiOf(cert)}`, '--host-resolver-rules=MAP localhost 127.0.0.1', ...argsOf(port)])
    contestants.push({ title, app, caddy, browser, tab: await open(browser, `https://localhost:${port}/`, protocol, transport), took: [] })
  }
  await interleave(quick ? 1 : 20, contestants, tell)
  for (const contestant of contestants) contestant.took = []
  await interleave(quick ? 2 : 200, contestants, tell)

  const baseline = median(contestants.find(({ title }) => title === BASELINE).took)
  print(table(['message made -> heard in the page', 'median, ms', 'p95, ms', `to ${BASELINE}, ms`], contestants.map(({ title, took }) => [title, median(took), p95(took), median(took) - baseline])))
  const slower = median(contestants[0].took) - baseline
  print(slower < PROMISED_MS ? `HTTP/3 is below ${PROMISED_MS} ms above HTTP/1.1, as promised.` : `HTTP/3 is ${slower.toFixed(1)} ms above HTTP/1.1, and below ${PROMISED_MS} ms is promised.`)
  for (const { app, caddy, browser } of contestants) await Promise.all([browser.close(), app.stop(), caddy()])
}

async function open (browser, url, protocol, transport) {
  const tab = await browser.newPage()
  await tab.goto(url)
  await tab.waitForFunction(() => globalThis.__liveReload?.state === 'open')
  await tab.evaluate(transport => { if (globalThis.__liveReload.connectionType !== transport) globalThis.__liveReload.reconnect(transport) }, transport)
  await tab.waitForFunction(transport => globalThis.__liveReload.state === 'open' && globalThis.__liveReload.connectionType === transport, transport)
  const used = await tab.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol)
  if (used !== protocol) throw new Error(`the page came by ${used}, not by ${protocol}`)
  return tab
}

async function tell ({ app, tab, took }) {
  await tab.evaluate(() => {
    globalThis.heard = new Promise(resolve => {
      const forget = globalThis.__liveReload.on('told', () => { forget(); resolve(performance.timeOrigin + performance.now()) })
    })
  })
  const made = app.hear('made')
  app.child.send('tell')
  const { at } = await made
  const heard = await tab.evaluate(() => globalThis.heard)
  // `at` is on the clock of this machine, and a page knows only the time of day.
  took.push(heard - (performance.timeOrigin + performance.now() - now()) - at)
  await pause(4)
}

/** Gives what ends it. */
async function startCaddy (folders, certificates, port, url) {
  const path = folders.make({
    Caddyfile: `{\n\tadmin off\n\tauto_https disable_redirects\n}\nhttps://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${join(certificates, 'localhost.pem')} ${join(certificates, 'localhost.key.pem')}\n\treverse_proxy ${new URL(url).host}\n}\n`
  })
  const child = spawn('caddy', ['run', '--config', join(path, 'Caddyfile'), '--adapter', 'caddyfile'], { stdio: 'ignore', env: { ...process.env, XDG_CONFIG_HOME: path, XDG_DATA_HOME: path } })
  const ended = once(child, 'exit').catch(() => { throw new Error('`http3` needs Caddy: scripts/install-system-programs.sh') })
  await Promise.race([ended, listening(port)])
  return async () => {
    child.kill('SIGKILL')
    await ended
  }
}

async function listening (port) {
  const answers = () => new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
    socket.on('error', () => resolve(false))
  })
  while (!await answers()) await pause(20)
}
