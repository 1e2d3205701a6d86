// The server's log in the console of pages, in real Chromium.
import Fastify from 'fastify'
import { test } from 'tap'
import liveReload, { errors, serverLog } from '../../lib/index.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { PAGE } from '../support/page.js'
import { until } from '../support/wait.js'

test('without a stream of serverLog() the option is refused', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(liveReload, { client: { serverLog: 'warn' } })
  await t.rejects(async () => { await app.ready() }, { code: new errors.FST_LIVE_RELOAD_NO_SERVER_LOG().code, message: /logger: \{ stream: serverLog\(\) \}/ })
})

for (const forwardConsole of [false, true]) {
  test(`lines of the level and above are in the console, secrets are not; forwardConsole: ${forwardConsole}`, async t => {
    const written: string[] = []
    const { app, url } = await startApp(t, { client: { serverLog: 'warn', forwardConsole } }, {
      server: { logger: { level: 'info', stream: serverLog({ write: line => { written.push(line) } }) } },
      after: app => app.get('/', (_, reply) => reply.type('text/html').send(PAGE))
    })
    const tab = await page(t)
    const seen: string[] = []
    tab.on('console', message => { if (message.text().includes('[server]')) seen.push(`${message.type()} ${message.text()}`) })
    await tab.goto(url)
    await tab.waitForFunction('window.__liveReload?.state === "open"')
    app.log.info('not shown')
    app.log.warn('careful, password=hunter2')
    if (forwardConsole) {
      await tab.evaluate('console.error("from the page")')
      await until(() => written.some(line => line.includes('from the page')), 'the line of the page')
    }
    app.log.error(new Error('broken'), 'it failed')
    await until(() => seen.length >= 2, 'two lines')
    t.match(seen, [/^warning \[server\] careful, password=\*\*\*$/, /^error \[server\] it failed\nError: broken\n/])
    t.equal(seen.length, 2, 'no line of a page comes back to it')
    t.notOk(written.some(line => line.includes('[server]')), 'nor one of the server')
    t.ok(written.some(line => line.includes('not shown') && JSON.parse(line).level === 30), 'the log has all lines as before')
    t.ok(written.some(line => line.includes('hunter2')), 'as they were written')
  })
}

test('off, as it is unless asked for', async t => {
  const { request } = await startApp(t, {}, { after: app => app.get('/', (_, reply) => reply.type('text/html').send(PAGE)) })
  t.match((await request('/')).text, /client\.js/)
})
