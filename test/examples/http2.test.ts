// HTTP/2 with TLS, and its certificate renewed under an open page.
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { test, type Test } from 'tap'
import { page } from '../support/browser.js'
import { example, run } from '../support/example.js'
import { type Folder, folder } from '../support/folder.js'
import { type Issue, issue } from '../support/issue.js'
import { until } from '../support/wait.js'

function install (at: Folder, { key, cert }: Issue) {
  at.write('localhost.key.pem', key)
  at.write('localhost.pem', cert)
}

/** The number of the certificate a new connection gets. */
function served (t: Test, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port: Number(new URL(url).port), servername: 'localhost', rejectUnauthorized: false })
    t.teardown(() => socket.destroy())
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
  })
}

test('the page comes over h2 and listens by SSE; a renewed certificate is for new connections', async t => {
  const app = folder(t, { 'public/index.html': readFileSync(example('http2/public/index.html'), 'utf8') })
  const certificates = folder(t)
  const [first, second] = [await issue(), await issue()]
  install(certificates, first)
  const { url, output } = await run(t, [example('http2/server.js')], { PORT: '0', APP_DIR: app.path, CERTIFICATES: certificates.path, LOG_LEVEL: 'info' }, process.cwd(), /https:\/\/localhost:\d+/)
  t.equal(await served(t, url), first.serial)

  const tab = await page(t, { ignoreHTTPSErrors: true })
  const save = async (title: string) => {
    app.write('public/index.html', readFileSync(app.at('public/index.html'), 'utf8').replace(/<h1>.*<\/h1>/, `<h1>${title}</h1>`))
    await tab.locator('h1', { hasText: title }).waitFor()
    await tab.waitForFunction('__liveReload.connectionType === "sse"')
  }
  await tab.goto(url)
  t.equal(await tab.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol'), 'h2')
  await tab.waitForFunction('__liveReload.connectionType === "sse"')
  await save('Before the renewal')

  const attempts = await tab.evaluate('__liveReload.metrics.attempts')
  install(certificates, second)
  await until(() => output().includes('was exchanged'), 'it says so')
  t.equal(await served(t, url), second.serial)
  t.equal(await tab.evaluate('__liveReload.metrics.attempts'), attempts, 'the open connection lives on')
  await save('After the renewal')
})

test('certificates.js makes the certificate that the server takes', async t => {
  const at = folder(t)
  const { NODE_OPTIONS, ...rest } = process.env
  const made = spawnSync(process.execPath, [example('http2/certificates.js')], { encoding: 'utf8', env: { ...rest, CERTIFICATES: at.path, PATH: '' } })
  t.equal(made.stdout, `The certificate is ${at.at('localhost.pem')}.\n`)
  const { url } = await run(t, [example('http2/server.js')], { PORT: '0', CERTIFICATES: at.path })
  t.match(url, 'https://localhost:')
  t.equal(await served(t, url), new X509Certificate(readFileSync(at.at('localhost.pem'))).serialNumber)
})
