// The start helper as a person uses it: restarted by node --watch, a taken port, HTTPS, and a page in Chromium.
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { copyExample, freePort, run } from '../support/example.js'
import { onLinux } from '../support/system.js'
import { until } from '../support/wait.js'

const PACKAGES = ['fastify', 'open', 'uqr', 'selfsigned']

test('node --watch restarts it, and the browser opens once', onLinux, async t => {
  const copy = copyExample(t, 'dev-server', PACKAGES)
  const browser = copy.write('browser.sh', `#!/bin/sh\necho "$1" >> ${copy.at('opened')}\n`)
  chmodSync(browser, 0o755)
  const port = String(await freePort())
  const env = { PORT: port, BROWSER: browser, CI: '', LOG_LEVEL: 'debug', DISPLAY: '', WAYLAND_DISPLAY: '' }
  const { url, output } = await run(t, ['--watch', copy.at('server.js')], env, copy.path, /http:\/\/localhost:\d+/)
  t.equal(url, `http://localhost:${port}`)
  const opened = () => existsSync(copy.at('opened')) ? readFileSync(copy.at('opened'), 'utf8') : ''
  await until(() => opened().endsWith('\n'), 'opened')

  // No tab is open, so only the watcher tells a restart from a start.
  copy.write('server.js', readFileSync(copy.at('server.js'), 'utf8').replace('uptime', 'hrtime'))
  await until(() => output().includes('a watcher restarted the server'), 'it starts again')
  t.equal(opened(), `${url}/\n`)
})

test('HTTPS: Chromium shows the page, and a save reloads it', async t => {
  const copy = copyExample(t, 'dev-server', PACKAGES)
  const { url, output } = await run(t, [copy.at('server.js'), '--https'], { PORT: '0', BROWSER: 'none', PATH: '' }, copy.path, /https:\/\/localhost:\d+/)
  // After the address, and not in the same moment.
  t.ok(await until(() => output().includes('is self-signed, and browsers warn'), 'a word about the certificate'))
  const tab = await page(t, { ignoreHTTPSErrors: true })
  await tab.goto(url)
  await tab.waitForFunction('__liveReload.state === "open"')
  copy.write('public/index.html', readFileSync(copy.at('public/index.html'), 'utf8').replace('Every screen', 'Each screen'))
  await tab.locator('h1', { hasText: 'Each screen' }).waitFor()
  t.match(readFileSync(copy.at('node_modules/.cache/fastify-live-reload/localhost.key.pem'), 'utf8'), 'PRIVATE KEY')
})
