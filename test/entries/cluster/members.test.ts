// Apps that are workers of one cluster, in this process: what each of them knows of the one that watches.
import cluster from 'node:cluster'
import { EventEmitter } from 'node:events'
import { mock } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import { shareTabs } from '../../../lib/entries/cluster/index.js'
import { joinWorkers } from '../../../lib/entries/cluster/workers.js'
import { clusterPort, joinCluster, type Member } from '../../../lib/live/cluster/member.js'
import type { BuildContext } from '../../../types/build.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { startApp } from '../../support/app.js'
import { manualClock } from '../../support/clock.js'
import { folder } from '../../support/folder.js'
import { NAVIGATION } from '../../support/http.js'
import { until } from '../../support/wait.js'
import { lines } from '../../watch/watching.js'

type Message = (message: unknown) => void

/** A cluster whose workers are objects of this process. Messages take a turn and are cloned, as those of a channel. */
function createCluster () {
  const primary = new EventEmitter()
  let last = 0
  joinWorkers(primary as never)
  return {
    primary,
    fork () {
      const worker = new EventEmitter()
      const id = ++last
      const later = (deliver: Message, message: unknown): void => { const copy = JSON.stringify(message); setImmediate(() => deliver(JSON.parse(copy))) }
      const inside = { id, send: (message: unknown) => later(copy => worker.emit('message', copy), message) }
      return Object.assign(worker, { id, send: (message: unknown) => later(copy => primary.emit('message', inside, copy), message) })
    }
  }
}

const pretend = (worker: unknown): void => { Object.assign(cluster, { worker }) }

async function startWorker (t: Test, { fork }: ReturnType<typeof createCluster>, options: LiveReloadOptions, onRegistered: (app: FastifyInstance) => void = () => {}) {
  pretend(fork())
  return await startApp(t, options, {
    after: app => {
      pretend(undefined)
      onRegistered(app)
    }
  })
}

test('one worker watches and builds, and the others know what it knows', async t => {
  const f = folder(t, { 'src/a.txt': 'one', 'site/index.html': '<p>one' })
  let builds = 0
  const options: LiveReloadOptions = { root: f.at('site'), build: { name: 'site', source: f.at('src'), builder: async () => { builds++; return { ok: true } } } }
  const workers = createCluster()
  const a = await startWorker(t, workers, options)
  const b = await startWorker(t, workers, options)
  const { app: { liveReload: first } } = a
  const { app: { liveReload: second } } = b
  t.equal(builds, 1, 'at start')
  t.equal(second.epoch, first.epoch)
  t.equal(second.token, first.token)
  t.match(second.status(), { ok: true, watch: first.status().watch, builds: { site: { state: 'ok' } } })
  t.equal((await b.request('/index.html')).status, 200, 'nothing waits for a build that has ended')

  const heard: string[] = []
  second.on('change', ({ source }) => heard.push(source))
  second.on('build:end', ({ name }) => heard.push(name))
  const tabs = [await a.tab(), await b.tab()]
  f.write('src/a.txt', 'two')
  await until(() => heard.includes('site'), 'listeners of the other worker hear of the build')
  f.write('site/index.html', '<p>two')
  await until(() => heard.includes('output') && tabs.every(each => each.reloads() === 1), 'both tabs reload')
  t.equal(second.status().seq, first.status().seq)

  t.match(await second.build(), [{ ok: true }], 'what is asked of the other worker is done by the first')
  t.match(await second.build('site'), [{ ok: true }])
  await t.rejects(second.build('none'), { code: 'FST_LIVE_RELOAD_NO_SUCH_BUILD' })
  for (const wrong of [() => second.update([123] as never), () => second.reload({ urls: [1] } as never)]) t.throws(wrong, { code: 'FST_LIVE_RELOAD_INVALID_OPTION' }, 'told to the caller, in its own process')
  second.reload()
  await until(() => tabs.every(each => each.reloads() === 2), 'both tabs reload')
  second.pause()
  await until(() => first.status().paused && second.status().paused, 'paused is paused for all')
  first.resume()
  await until(() => !second.status().paused, 'and resumed')
  second.update('site/index.html')
  first.send('greet', { n: 1 })
  await until(() => tabs.every(each => each.got.some(({ type }) => type === 'custom')), 'an event is for the tabs of both')

  const seen: string[] = []
  const undo = second.watch(f.at('src'), changes => { seen.push(...changes.map(({ path }) => path)) })
  await until(() => { f.write('src/b.txt', String(Math.random())); return seen.includes(f.at('src/b.txt')) }, 'a watch of a plugin is that of its own process')
  undo()
})

test('the worker that watches closes: the next one watches, and its tabs reload once', async t => {
  const f = folder(t, { 'index.html': '<p>one' })
  const workers = createCluster()
  const a = await startWorker(t, workers, { root: f.path })
  const b = await startWorker(t, workers, { root: f.path })
  const { got, reloads } = await b.tab()
  a.app.liveReload.reload()
  await until(() => reloads() === 1, 'a number')
  await a.app.close()
  await until(() => reloads() === 2, 'what changed meanwhile was seen by nobody')
  f.write('index.html', '<p>two')
  await until(() => reloads() === 3, 'it watches')
  t.strictSame(got.flatMap(message => message.type === 'reload' ? message.seq : []).slice(-2), [2, 3], 'and counts on')
  await t.resolves(b.app.liveReload.build(), 'it builds itself')
})

test('all workers end and come back: pages from before are old', async t => {
  const f = folder(t, { 'index.html': '<p>one' })
  const workers = createCluster()
  const a = await startWorker(t, workers, { root: f.path })
  const b = await startWorker(t, workers, { root: f.path })
  const { epoch, token } = a.app.liveReload
  t.equal(b.app.liveReload.epoch, epoch)
  a.app.liveReload.reload()
  await until(() => b.app.liveReload.status().seq === 1, 'a change')
  await a.app.close()
  workers.primary.emit('exit', { id: 2 })
  f.write('index.html', '<p>two')
  const c = await startWorker(t, workers, { root: f.path })
  t.not(c.app.liveReload.epoch, epoch)
  t.not(c.app.liveReload.token, token)
  t.match(c.app.liveReload.status(), { seq: 0, paused: false })
  const { got } = await c.tab(`${epoch}:1`)
  await until(() => got.length > 1, 'what it missed')
  t.equal(got[1]?.type, 'reload')
})

for (const how of ['closes', 'is killed']) {
  test(`build() of another worker settles when the one that watches ${how} meanwhile`, async t => {
    const f = folder(t, { 'src/a.txt': '', 'site/index.html': '<p>one' })
    const workers = createCluster()
    let runs = 0
    const builder = async (_: unknown, { signal }: BuildContext) => {
      if (++runs === 2) await new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
      return { ok: true, meta: { runs } }
    }
    const options: LiveReloadOptions = { root: f.at('site'), build: { source: f.at('src'), builder } }
    const a = await startWorker(t, workers, options)
    const b = await startWorker(t, workers, options)
    const results = b.app.liveReload.build()
    await until(() => runs === 2, 'it builds')
    if (how === 'closes') await a.app.close()
    else workers.primary.emit('exit', { id: 1 })
    t.match(await results, [{ ok: true }], 'the next one builds')
    t.ok(runs > 2)
    await b.app.close()
    t.strictSame(await b.app.liveReload.build(), [{ ok: false, ms: 0, diagnostics: [{ severity: 'error', message: 'not built: the app closes' }] }])
  })
}

test('calls are answered when the other side throws, rejects, or returns what cannot be sent', async t => {
  const { log } = lines()
  const workers = createCluster()
  const [a, b] = [await joinCluster('app', log, clusterPort(log, { worker: workers.fork() as never })), await joinCluster('app', log, clusterPort(log, { worker: workers.fork() as never }))] as [Member, Member]
  const quiet = { onDeliver () {}, onEvent () {}, onStatus () {}, onLead () {} }
  const answers: Record<string, (value: unknown) => unknown> = {
    sync () { throw Object.assign(new Error('at once'), { code: 'E_CODE' }) },
    // eslint-disable-next-line prefer-promise-reject-errors
    async: () => Promise.reject(undefined),
    circular (value) { return { big: 1n, value } },
    nothing () {},
    echo: async value => value
  }
  a.listen({ ...quiet, onCall: (name, [value]) => answers[name]?.(value) })
  b.listen({ ...quiet, onCall () {} })
  await t.rejects(b.call('sync'), { message: 'at once', code: 'E_CODE' })
  await t.rejects(b.call('async'), { message: 'undefined' })
  await t.rejects(b.call('circular'), { message: 'what circular() of another process returned cannot be sent' })
  t.equal(await b.call('nothing'), undefined)
  t.strictSame(await b.call('echo', { n: 1 }), { n: 1 })
  b.leave()
  t.equal(await b.call('echo'), undefined, 'one that has left asks nobody')
  a.leave()
})

test('a page of a worker that is ahead is up to date for one that is not yet', async t => {
  const f = folder(t, { 'index.html': '<p>one' })
  const a = await startWorker(t, createCluster(), { root: f.path })
  const { epoch } = a.app.liveReload
  const { got } = await a.tab(`${epoch}:1`)
  t.match(got[0], { type: 'hello', seq: 1 })
  a.app.liveReload.send('after')
  await until(() => got.at(-1)?.type === 'custom', 'what follows')
  t.strictSame(got.map(({ type }) => type), ['hello', 'custom'], 'no reload')
})

test('a request for a page waits for the first build, whichever worker runs it', async t => {
  const f = folder(t, { 'src/a.txt': '', 'site/index.html': '<p>old' })
  let finish = (): void => {}
  const built = new Promise<void>(resolve => { finish = resolve })
  const options: LiveReloadOptions = { root: f.at('site'), build: { source: f.at('src'), builder: async () => { await built; return { ok: true } } } }
  const workers = createCluster()
  const apps: FastifyInstance[] = []
  const starting = [startWorker(t, workers, options, app => { apps.push(app) })]
  await until(() => apps.length === 1, 'the first is registered')
  starting.push(startWorker(t, workers, options, app => { apps.push(app) }))
  await until(() => apps.length === 2, 'the second is registered')
  const answers = apps.map(app => app.inject('/index.html'))
  f.write('site/index.html', '<p>new')
  finish()
  for (const { body } of await Promise.all(answers)) t.match(body, '<p>new')
  await Promise.all(starting)
})

test('a request for a page does not wait forever for a first build that never ends, whichever worker runs it', async t => {
  const f = folder(t, { 'src/a.txt': '', 'site/index.html': '<p>old' })
  const options: LiveReloadOptions = { root: f.at('site'), build: { source: f.at('src'), builder: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)) } }
  const workers = createCluster()
  const apps: FastifyInstance[] = []
  const starting: Promise<unknown>[] = []
  for (const count of [1, 2]) {
    starting.push(startWorker(t, workers, options, app => { apps.push(app) }))
    await until(() => apps.length === count, `app ${count} is registered`)
  }
  await Promise.all(apps.map(app => app.ready()))
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const status: number[] = []
  for (const app of apps) app.inject({ url: '/later.html', headers: NAVIGATION }).then(({ statusCode }) => status.push(statusCode))
  const end = performance.now() + 20_000
  while (status.length < 2 && performance.now() < end) {
    mock.timers.tick(100)
    await new Promise(resolve => setImmediate(resolve))
  }
  mock.timers.reset()
  t.strictSame(status, [404, 404])
  await Promise.all(apps.map(app => app.close()))
  await Promise.all(starting)
})

test('a primary that shares nothing: one warning says what to do', async t => {
  const { log, lines: logged } = lines()
  const clock = manualClock()
  const sent: unknown[] = []
  const joining = joinCluster('app', log, { groups: new Set(), send: message => sent.push(message) > 0, listen: () => () => {} }, clock)
  clock.advance(1000)
  t.equal(await joining, undefined)
  t.match(logged, [{ level: 'warn', text: /call shareTabs\(\) of 'fastify-live-reload\/cluster' in the primary process/ }])
  t.match(sent, [{ body: { type: 'join' } }, { body: { type: 'leave' } }], 'an answer that comes too late makes it no member')
  t.equal(await joinCluster('app', log), undefined, 'outside of a cluster')
  t.equal(logged.length, 1, 'there is nothing to say')
})

test('apps of one worker are told apart; what nobody can send is left out', async t => {
  const { log, lines: logged } = lines()
  const workers = createCluster()
  const port = clusterPort(log, { worker: workers.fork() as never })
  const [a, b] = [await joinCluster('app', log, port), await joinCluster('app', log, port)]
  t.ok(a && b && a.epoch !== b.epoch && a.leads && b.leads)
  a?.listen({ onDeliver () {}, onEvent () {}, onStatus () {}, onLead () {}, onCall () {} })
  const circular: { self?: unknown } = {}
  circular.self = circular
  a?.tell('change', circular)
  t.match(logged, [{ level: 'warn', text: /could not be told: not serializable/ }])
  const asked = a?.call('build')
  a?.leave()
  t.equal(await asked, undefined, 'an app that closes waits for no answer')
  b?.leave()
  workers.primary.emit('message', {}, 'a message of the app')
  workers.primary.emit('exit', { id: 1 })
})

test('shareTabs() joins the workers once, and only in the primary', t => {
  const before = cluster.listenerCount('message')
  t.teardown(() => cluster.removeAllListeners())
  Object.assign(cluster, { isPrimary: false })
  shareTabs()
  t.equal(cluster.listenerCount('message'), before)
  Object.assign(cluster, { isPrimary: true })
  shareTabs()
  shareTabs()
  t.equal(cluster.listenerCount('message'), before + 1)
  t.end()
})
