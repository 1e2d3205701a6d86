// Many tabs against one server: the page's own connection, with real sockets and streams, in Node where fifty of them fit.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { EventSource } from 'eventsource'
import { test, type Test } from 'tap'
import { WebSocket } from 'ws'
import { Connection } from '../../lib/browser/connection/connection.js'
import { openLink } from '../../lib/browser/connection/link.js'
import type { Page } from '../../lib/browser/page/tag.js'
import type { ClientMetrics } from '../../types/client.js'
import type { Transport } from '../../types/transport.js'
import { folder } from '../support/folder.js'
import { relay } from '../support/relay.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'

const TABS = 50
const CYCLES = times(100, 10_000)

interface Usage { readonly connects: number, readonly clients: number, readonly heap: number, readonly timers: number, readonly sockets: number }

async function start (t: Test, root: string, port = 0) {
  const child: ChildProcess = fork(fileURLToPath(new URL('many-server.js', import.meta.url)), [root, String(port)], { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ port: bound }] = await once(child, 'message') as [{ port: number }]
  return {
    port: bound,
    kill: () => child.kill('SIGKILL'),
    async ask (what: 'usage' | 'reload' = 'usage'): Promise<Usage> {
      const answer = once(child, 'message')
      child.send(what)
      return (await answer)[0] as Usage
    }
  }
}

// What a browser has, and Node 20 has not.
Object.assign(globalThis, { WebSocket, EventSource, location: { pathname: '/' } })

const pageOf = (base: string, transport: Transport): Page => ({ base, transport, token: '', tab: 1, posted: false, status: 200, timeout: 3000, console: undefined, remark: '', epoch: '', seq: 0 })

const newMetrics = (): ClientMetrics => ({ attempts: 0, successes: 0, failures: 0, lost: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 })

/** A tab: its connection is the page's own code; a reload takes what the server has by then. */
function openTab (t: Test, base: string, name: Transport) {
  const metrics = newMetrics()
  const page = pageOf(base, name)
  let server = ''
  let state = 'closed'
  const connection = new Connection({
    page,
    metrics,
    mayRetry: () => true,
    isServerUp: async () => false,
    onFallback () {},
    onState: next => { state = next },
    onMessage (message) {
      if (message.type === 'hello') {
        server = message.epoch
        if (!page.epoch) Object.assign(page, { epoch: server, seq: message.seq })
      } else if (message.type === 'reload') {
        metrics.reloads++
        Object.assign(page, { epoch: server, seq: message.seq })
      }
    }
  })
  t.teardown(() => connection.stop())
  connection.start()
  return { metrics, get state () { return state } }
}

const tabs = (t: Test, port: number) => Array.from({ length: TABS }, (_, i) => openTab(t, `http://127.0.0.1:${port}/__live/`, i % 2 ? 'ws' : 'sse'))
const open = (all: ReturnType<typeof tabs>) => all.every(({ state }) => state === 'open')

/** No two of these tabs think alike: what they do after a while they do at times of their own. */
function isSpread (times: readonly number[]): boolean {
  const sorted = [...times].sort((a, b) => a - b)
  return new Set(sorted.map(time => Math.floor(time / 20))).size >= 5
}

const inVain = (all: ReturnType<typeof tabs>, before: readonly number[], times: number) => all.every(({ metrics }, i) => metrics.failures >= (before[i] as number) + times)

test(`${TABS} tabs, each with a connection of its own: the network is cut, then the server is killed and started again`, async t => {
  const { path } = folder(t, { 'index.html': '<p>' })
  const server = await start(t, path)
  const wire = await relay(t, server.port)
  const all = tabs(t, wire.port)
  const failures = () => all.map(({ metrics }) => metrics.failures)
  const reloads = () => all.map(({ metrics }) => metrics.reloads)
  await until(() => open(all), 'all there')

  await t.test('a cut, and a change that is missed', async t => {
    const before = failures()
    wire.sever()
    await until(() => all.every(({ state }) => state === 'connecting'), 'noticed')
    await server.ask('reload')
    await until(() => inVain(all, before, 4), 'in vain')
    t.ok(isSpread(wire.tries.slice(-TABS)), 'tries are spread by chance')
    wire.mend()
    await until(() => open(all) && reloads().every(Boolean), 'all back')
    t.same(reloads(), all.map(() => 1), 'each reloads exactly once')
    t.equal((await server.ask()).connects, 2 * TABS, 'each has connected once more')
  })

  await t.test('kill -9 and restart', async t => {
    const before = failures()
    const tries = wire.tries.length
    server.kill()
    await until(() => all.every(({ state }) => state === 'connecting'), 'noticed')
    // A connection that lasted less than five seconds was none: the pauses go on where they were.
    await until(() => inVain(all, before, 2), 'in vain')
    const again = await start(t, path, server.port)
    await until(() => open(all) && reloads().every(count => count > 1), 'all back')
    t.same(reloads(), all.map(() => 2), 'each reloads exactly once')
    const { connects, clients } = await again.ask()
    t.same([connects, clients], [TABS, TABS], 'the new server is connected to once by each')
    const most = Math.max(...failures().map((count, i) => count - (before[i] as number)))
    t.ok(most < 15, `${wire.tries.length - tries} tries in all, no more than ${most} by one tab`)
    t.ok(isSpread(wire.tries.slice(-TABS)), 'spread by chance')
    await again.ask('reload')
    await until(() => reloads().every(count => count === 3), 'the next change reaches all')
  })
})

test(`${CYCLES} connects and disconnects leave no growth`, { timeout: 300_000 }, async t => {
  const { path } = folder(t, { 'index.html': '<p>' })
  const server = await start(t, path)
  const page = pageOf(`http://127.0.0.1:${server.port}/__live/`, 'ws')
  const cycle = (i: number) => new Promise<void>(resolve => {
    const link = openLink(i % 2 ? 'ws' : 'sse', { ...page, epoch: 'x' }, newMetrics(), () => {
      link.close()
      resolve()
    }, resolve)
  })
  const run = async (count: number): Promise<Usage> => {
    for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => cycle(i + j)))
    return await until(async () => {
      const usage = await server.ask()
      return usage.clients === 0 && usage.sockets === 0 ? usage : undefined
    }, 'all gone')
  }
  // What is compiled, cached and pooled by the first ones is no growth.
  const first = await run(Math.max(40, CYCLES / 5))
  const last = await run(CYCLES)
  const kilobytes = Math.round((last.heap - first.heap) / 1024)
  t.comment(`heap ${kilobytes} KB, timers ${first.timers} and ${last.timers}`)
  t.ok(kilobytes < 1024, `${kilobytes} KB more`)
  t.ok(last.timers <= first.timers + 1)
})
