// Clients of the test kit: what an app tells, without a port and with one.
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import { applied, connect } from '../../../lib/entries/testing/index.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

async function appOf (t: Test, options: LiveReloadOptions): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload, { pollInterval: 20, ...options })
  return app
}

test('applied() saves when everything is watched, and gives what tabs are told', async t => {
  const { path, write } = folder(t, { 'app.css': 'a {}', 'index.html': 'one' })
  const app = await appOf(t, { root: path })
  t.match(await applied(app, () => write('index.html', 'two')), { type: 'reload' })
  t.match(await applied(app, () => app.liveReload.reload({ urls: ['/a'] })), { type: 'reload', urls: ['/a'] })
  await t.rejects(applied(app, () => {}, { timeout: 30 }), { message: 'not within 30 ms: a reload or an update' })
  await t.rejects(applied(app, () => app.liveReload.send('other'), { timeout: 30 }), { message: /a reload or an update/ })
  await t.rejects(applied(app, () => { throw new Error('not saved') }), { message: 'not saved' })
})

test('applied() with a tab waits until that shows the change', async t => {
  const { app, tab } = await startApp(t, {})
  const { got, socket } = await tab()
  let isShown = false
  const shown = applied(app, () => app.liveReload.reload(), { tab: true }).finally(() => { isShown = true })
  const { seq } = await until(() => got.find(message => message.type === 'reload'), 'a reload') as { seq: number }
  socket.send(JSON.stringify({ type: 'applied', seq: seq - 1, kind: 'update', ms: 1 }))
  await new Promise(resolve => setImmediate(resolve))
  t.notOk(isShown)
  socket.send(JSON.stringify({ type: 'applied', seq, kind: 'reload', ms: 1 }))
  t.match(await shown, { type: 'reload', seq })
  await t.rejects(applied(app, () => app.liveReload.reload(), { tab: true, timeout: 30 }), { message: 'not within 30 ms: a tab shows the change' })
})

test('connect() is a client without a port', async t => {
  const app = await appOf(t, {})
  await app.ready()
  const { next, messages, close } = await connect(app)
  const { epoch, seq } = await next('hello')
  t.equal(epoch, app.liveReload.epoch)
  t.equal(app.liveReload.clients, 1)
  app.liveReload.reload(['a.html'])
  t.match(await next('reload'), { paths: ['a.html'] })
  t.same(messages.map(({ type }) => type), ['hello', 'reload'])
  await t.rejects(next('update', 20), { message: 'not within 20 ms: a message of the type update' })
  const late = await connect(app, `${epoch}:${seq}`)
  t.match(await late.next('reload'), { type: 'reload' }, 'it catches up')
  late.close()
  close()
  await until(() => app.liveReload.clients === 0, 'nobody')
  await t.rejects(connect(await appOf(t, { enabled: false })), { message: '/__live/events answered 404' })
})
