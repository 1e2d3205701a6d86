// When the browser opens: an injected one, and in the end a real program.
import { EventEmitter, once } from 'node:events'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { test, type Test } from 'tap'
import { loadOpener, openOnce, supervisorOf, type OpenParts } from '../../../lib/entries/dev/browser.js'
import { listen } from '../../../lib/entries/dev/index.js'
import { loadQr } from '../../../lib/entries/dev/qr.js'
import liveReload from '../../../lib/index.js'
import { manualClock } from '../../support/clock.js'
import { folder } from '../../support/folder.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'

delete process.env.PORT
const URL = 'http://localhost:3141/'
const WAIT_MS = 2_500

/** A browser that only notes what it is asked to open, and an app with its tabs. */
function desk (t: Test) {
  const { at } = folder(t)
  const clock = manualClock()
  const events = new EventEmitter()
  const child = new EventEmitter()
  const opened: string[] = []
  const lines: string[] = []
  const live = { clients: 0, on: ((event: string, listener: () => void) => { events.on(event, listener); return () => events.off(event, listener) }) as never }
  const say = (line: string) => { lines.push(line) }
  const start = (parts: Partial<OpenParts> = {}) => openOnce({
    url: URL,
    mark: at('cache/opened-3141'),
    supervisor: undefined,
    live,
    open: async url => { opened.push(url); return child },
    isListening: () => true,
    log: { debug: say, info: say, warn: say } as never,
    clock,
    ...parts
  })
  return { at, clock, events, child, opened, lines, live, start }
}

test('it opens at the first start, and not when a watcher restarts the server', async t => {
  const { opened, start, clock, lines } = desk(t)
  await start({ supervisor: 42 })
  t.strictSame(opened, [URL])
  await start({ supervisor: 42 })
  await start({ supervisor: 42 })
  t.equal(opened.length, 1)
  t.strictSame(lines, Array(2).fill('live reload: a watcher restarted the server, so the browser was not opened again'))
  const next = start({ supervisor: 43 })
  await until(() => { clock.advance(WAIT_MS); return opened.length === 2 }, 'another watcher is another start')
  await next
  t.equal(lines.length, 2)
})

test('the watcher is the parent of a process that one has started', t => {
  t.equal(supervisorOf({ argv: [], execArgv: [], env: { npm_lifecycle_script: 'nodemon server.js' }, ppid: 7 }), 7)
  t.equal(supervisorOf({ argv: [], execArgv: [], env: {}, ppid: 7 }), undefined)
  t.end()
})

test('a tab that is open is used again', async t => {
  const { opened, start, live, lines, events, clock } = desk(t)
  await start()
  live.clients = 1
  await start()
  t.equal(opened.length, 1, 'it is connected already')
  live.clients = 0
  const coming = start()
  await until(() => events.listenerCount('connect') > 0, 'it waits')
  events.emit('connect')
  await coming
  t.equal(opened.length, 1, 'it connects within the time')
  t.strictSame(new Set(lines), new Set(['live reload: a tab is open, so the browser was not opened again']))
  t.equal(events.listenerCount('connect'), 0)
  const none = start()
  await until(() => events.listenerCount('connect') > 0, 'it waits')
  clock.advance(WAIT_MS)
  await none
  t.equal(opened.length, 2, 'nobody came')
  await start({ live: undefined })
  t.equal(opened.length, 3, 'without the plugin nobody can know')
})

test('an app that has closed meanwhile opens nothing', async t => {
  const { opened, start } = desk(t)
  await start({ isListening: () => false })
  t.strictSame(opened, [])
})

test('what fails is said, with the URL', async t => {
  const { start, child, lines, at } = desk(t)
  await start({ open: async () => { throw new Error('spawn xdg-open ENOENT') } })
  t.strictSame(lines, [`live reload: the browser could not be opened (spawn xdg-open ENOENT): open ${URL} yourself`])
  for (const code of [0, null, 3]) {
    await start({ mark: at(`cache/${code}`) })
    child.emit('exit', code)
  }
  t.strictSame(lines.slice(1), [`live reload: the browser could not be opened (exit code 3): open ${URL} yourself`])
})

test('where nothing can be kept it opens all the same', async t => {
  const { opened, start, at } = desk(t)
  const { write } = folder(t)
  await start({ mark: `${write('file', '')}/below` })
  t.strictSame(opened, [URL])
  t.notOk(existsSync(at('cache')))
})

test('packages that are missing are errors with the command that installs them', async t => {
  const missing = async () => { throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' }) }
  await t.rejects(loadOpener(missing), { code: 'FST_LIVE_RELOAD_NO_PACKAGE', message: 'live reload: listen({ open }) needs the package open (ERR_MODULE_NOT_FOUND): npm install --save-dev open' })
  await t.rejects(loadQr(missing), { code: 'FST_LIVE_RELOAD_NO_PACKAGE', message: /listen\(\{ qr \}\) needs the package uqr/ })
})

test('a real program is started, once for two starts by a watcher', onLinux, async t => {
  const { at, write, path } = folder(t, { 'package.json': '{}' })
  const browser = write('browser.sh', `#!/bin/sh\necho "$1" >> ${path}/opened\n`)
  chmodSync(browser, 0o755)
  const { BROWSER, CI, DISPLAY, WAYLAND_DISPLAY, npm_lifecycle_script: script } = process.env
  const cwd = process.cwd()
  t.teardown(() => {
    for (const [name, value] of Object.entries({ BROWSER, CI, DISPLAY, WAYLAND_DISPLAY, npm_lifecycle_script: script })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    process.chdir(cwd)
  })
  for (const name of ['CI', 'DISPLAY', 'WAYLAND_DISPLAY']) delete process.env[name]
  Object.assign(process.env, { BROWSER: browser, npm_lifecycle_script: 'nodemon server.js' })
  process.chdir(path)
  const lines: string[] = []
  const create = () => {
    const app = Fastify({ logger: { level: 'debug', stream: { write: (line: string) => { lines.push(line) } } } })
    t.teardown(() => app.close())
    return app
  }
  const first = create()
  const { address, port } = await listen(first, { ports: 0, open: '/admin/' })
  await until(() => existsSync(at('opened')) && readFileSync(at('opened'), 'utf8').endsWith('\n'), 'opened')
  t.equal(readFileSync(at('opened'), 'utf8'), `${address}/admin/\n`)
  await first.close()
  await listen(create(), { ports: port, open: '/admin/' })
  await until(() => lines.some(line => line.includes('a watcher restarted the server')), 'the second start is one of the same watcher')
  t.equal(readFileSync(at('opened'), 'utf8'), `${address}/admin/\n`)
})

test('in production nothing is opened or drawn', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(liveReload, { enabled: false })
  const { write } = process.stdout
  t.teardown(() => { process.stdout.write = write })
  await listen(app, { ports: 0, host: '0.0.0.0', open: true, qr: true })
  t.notMatch(lines.join(''), /QR|browser/)
})

test('the QR code holds the URL of the network, white on black', async t => {
  const { encode } = await import('uqr')
  const url = 'http://192.168.1.5:3141/'
  const lines = (await loadQr())(url).trimEnd().split('\n')
  // eslint-disable-next-line no-control-regex
  t.ok(lines.every(line => /^\u001b\[97;40m[█▀▄ ]+\u001b\[0m$/.test(line)))
  const light: Record<string, readonly [boolean, boolean]> = { '█': [true, true], '▀': [true, false], '▄': [false, true], ' ': [false, false] }
  const rows = lines.flatMap(line => {
    const cells = [...line.slice(8, -4)].map(sign => light[sign] as readonly [boolean, boolean])
    return [cells.map(([top]) => !top), cells.map(([, bottom]) => !bottom)]
  })
  const expected = encode(url, { border: 2 }).data
  t.strictSame(rows.slice(0, expected.length), expected)
})

test('a QR code is drawn of an app that others can reach, and asked for in vain otherwise', async t => {
  const free = createServer().listen(0)
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  await new Promise(resolve => free.close(resolve))
  const drawn: string[] = []
  const lines: string[] = []
  const { write } = process.stdout
  t.teardown(() => { process.stdout.write = write })
  const stream = { write: (line: string) => { lines.push(line) } }
  const [open, closed] = [Fastify({ logger: { stream } }), Fastify({ logger: { stream } })]
  t.teardown(() => Promise.all([open.close(), closed.close()]))
  process.stdout.write = ((text: string, ...rest: never[]) => text.includes('\u001b[97;40m') ? drawn.push(text) > 0 : Reflect.apply(write, process.stdout, [text, ...rest])) as typeof write
  const { network } = await listen(open, { ports: port, host: '0.0.0.0', qr: true })
  t.equal(drawn.length, Math.min(network.length, 1))
  await listen(closed, { ports: 0, qr: true })
  t.ok(lines.some(line => line.includes("no QR code, because no other machine can reach the app. `listen.host` has to be '0.0.0.0'")))
})
