// HTTP/2 with TLS, its certificate renewed under an open page, and every certificate that is of no use.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { test, type Test } from 'tap'
import { page } from '../support/browser.js'
import { example, run } from '../support/example.js'
import { type Folder, folder } from '../support/folder.js'
import { type Issue, issue } from '../support/issue.js'
import { until } from '../support/wait.js'

const node = (env: Record<string, string>) => {
  const { NODE_OPTIONS, ...rest } = process.env
  return (name: string) => spawnSync(process.execPath, [example(`http2/${name}`)], { encoding: 'utf8', env: { ...rest, NODE_ENV: 'development', PORT: '0', ...env } })
}

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
  const { url, output } = await run(t, [example('http2/server.js')], { PORT: '0', APP_DIR: app.path, CERTIFICATES: certificates.path })
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
  await until(() => output().includes('The certificate was renewed'), 'it says so')
  t.equal(await served(t, url), second.serial)
  t.equal(await tab.evaluate('__liveReload.metrics.attempts'), attempts, 'the open connection lives on')
  await save('After the renewal')

  // One that is of no use takes nothing away.
  certificates.write('localhost.key.pem', first.key)
  await until(() => output().includes('does not belong to the certificate'), 'the wrong one is said')
  t.match(output(), /The key \S+ does not belong to the certificate \S+: .*\(the previous one stays in use\)\n/)
  t.equal(await served(t, url), second.serial)
  certificates.write('localhost.pem', first.cert)
  await until(async () => await served(t, url) === first.serial, 'in use once it fits')
})

test('each certificate that is of no use has its line', async t => {
  const [good, other, old, early] = await Promise.all([issue(), issue(), issue(-30, -1), issue(1, 30)])
  const cases: readonly (readonly [string, (at: Folder) => void, RegExp])[] = [
    ['no certificate', at => rmSync(at.at('localhost.pem')), /^The certificate \S+localhost\.pem cannot be read \(ENOENT\): make a new one with "node /],
    ['no key', at => rmSync(at.at('localhost.key.pem')), /^The key \S+localhost\.key\.pem cannot be read \(ENOENT\): make/],
    ['junk for a certificate', at => at.write('localhost.pem', 'junk'), /^\S+localhost\.pem contains no certificate in PEM form: make/],
    ['the certificate for a key', at => at.write('localhost.key.pem', good.cert), /^\S+localhost\.key\.pem contains no private key in PEM form: make/],
    ['the key of another', at => at.write('localhost.key.pem', other.key), /^The key \S+ does not belong to the certificate \S+: use the key that was issued with it, or make/],
    ['an expired one', at => install(at, old), /^The certificate \S+ expired on \d{4}-\d\d-\d\d: make/],
    ['one of tomorrow', at => install(at, early), /^The certificate \S+ is not valid before \d{4}-\d\d-\d\d: check the clock, or make/]
  ]
  for (const [name, spoil, expected] of cases) {
    const at = folder(t)
    install(at, good)
    spoil(at)
    const { status, stderr, stdout } = node({ CERTIFICATES: at.path })('server.js')
    t.equal(status, 1, name)
    t.match(stderr, expected)
    t.equal(stderr.trim().split('\n').length, 1, 'one line')
    t.equal(stdout, '')
  }
})

test('certificates.js without mkcert makes a self-signed certificate, keeps it while it is good, and replaces a bad one', async t => {
  const at = folder(t)
  const alone = node({ CERTIFICATES: at.at('own'), PATH: '' })
  const { stdout } = alone('certificates.js')
  t.match(stdout, /^mkcert is not installed, so \S+ is self-signed, and browsers warn\. Install mkcert, or trust this certificate:\n {2}(security|certutil) /)
  const made = readFileSync(at.at('own/localhost.pem'))
  t.match(alone('certificates.js').stdout, /^The certificate \S+ is valid\.\n$/)
  t.same(readFileSync(at.at('own/localhost.pem')), made)
  // A wrong one is made anew.
  writeFileSync(at.at('own/localhost.key.pem'), (await issue()).key)
  t.match(alone('certificates.js').stdout, 'is self-signed')

  const { url } = await run(t, [example('http2/server.js')], { PORT: '0', CERTIFICATES: at.at('own') })
  t.match(url, 'https://localhost:')
  t.type(await served(t, url), 'string')
})
