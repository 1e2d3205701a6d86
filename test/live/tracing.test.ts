// The tracing channels: what they tell, and that they cost nothing when nobody listens.
import { tracingChannel } from 'node:diagnostics_channel'
import { test, type Test } from 'tap'
import { by, local, sharded } from '../../lib/entries/shards/index.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const CHANNELS = ['build', 'shard', 'send', 'plugin-reload'] as const

interface Told { readonly channel: string, readonly event: string, readonly context: Record<string, unknown> }

function listen (t: Test): Told[] {
  const told: Told[] = []
  for (const channel of CHANNELS) {
    const note = (event: string) => (context: object) => { told.push({ channel, event, context: context as Record<string, unknown> }) }
    const listeners = { start: note('start'), end: note('end'), asyncStart: note('asyncStart'), asyncEnd: note('asyncEnd'), error: note('error') }
    const traced = tracingChannel(`fastify-live-reload.${channel}`)
    traced.subscribe(listeners)
    t.teardown(() => traced.unsubscribe(listeners))
  }
  return told
}

/** Saves a source and a plugin, and waits for what comes of it. */
async function exercise (t: Test): Promise<void> {
  const f = folder(t, {
    'src/a.txt': '1',
    'package.json': '{ "type": "module" }',
    'plugins/bot.js': 'export default async app => { app.get("/bot", () => "1") }',
    'shard.mjs': 'export default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id, data }) => [id + ".html", String(data)])) })'
  })
  let run = 0
  const site = sharded({
    pages: () => [{ id: 'a', section: 'x', data: ++run }, { id: 'b', section: 'y' }],
    shard: f.at('shard.mjs'),
    outDir: f.at('dist'),
    partition: by.section,
    minPages: 0,
    on: local({ executor: 'inline' })
  })
  const { app, tab } = await startApp(t, { root: f.at('dist'), plugins: { dir: f.at('plugins') }, build: { name: 'site', source: f.at('src'), builder: site } })
  const { got } = await tab()
  f.write('src/a.txt', '2')
  await until(() => got.some(({ type }) => type === 'reload'), 'the page reloads')
  t.equal(await app.liveReload.plugins.reload('bot').then(() => 'reloaded'), 'reloaded')
}

test('builds, their shards, messages and reloads of plugins are traced', async t => {
  const told = listen(t)
  await exercise(t)
  const of = (channel: string, event: string) => told.filter(one => one.channel === channel && one.event === event).map(({ context }) => context)
  t.match(of('build', 'start'), [{ name: 'site', reason: 'start', profile: 'development' }, { name: 'site', reason: 'change', id: String, changed: [/a\.txt$/] }])
  t.match(of('build', 'asyncEnd'), [{ result: { ok: true } }, { result: { ok: true, meta: { built: ['x'] } } }])
  const [first] = of('build', 'start')
  t.match(of('shard', 'asyncEnd').filter(({ build }) => build === first?.id).map(({ shard }) => shard).sort(), ['x', 'y'])
  t.match(of('shard', 'start')[0], { shard: String, pages: 1 })
  t.ok(of('send', 'end').some(({ message, clients }) => (message as { type: string }).type === 'reload' && clients === 1))
  t.match(of('plugin-reload', 'asyncEnd').at(-1), { plugin: 'bot', changed: [], result: true })
  t.same(told.filter(({ event }) => event === 'error'), [])
})

test('without a subscriber nothing is traced', async t => {
  const prototype = Object.getPrototypeOf(tracingChannel('fastify-live-reload.none')) as Record<string, unknown>
  const traced: string[] = []
  for (const name of ['tracePromise', 'traceSync']) t.intercept(prototype, name, { value: () => { traced.push(name) } })
  await exercise(t)
  t.same(traced, [])
})
