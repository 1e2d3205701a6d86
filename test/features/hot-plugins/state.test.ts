// What outlives versions, what plugins share, and what a version is told when it ends.
import { rmSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { test } from 'tap'
import { times } from '../../support/times.js'
import { until } from '../../support/wait.js'
import { startHot } from './support.js'

const seen: string[] = []
/** Plugins report here: they run in this process. */
Object.assign(globalThis, { report: (text: string) => { seen.push(text) } })
const reported = (start: string): string[] => seen.filter(text => text.startsWith(start))

const stateful = (name: string, text: string): string => `export const meta = { version: '${text}' }
export default async fastify => {
  fastify.hot.data.reloads = (fastify.hot.data.reloads ?? 0) + 1
  const handle = await fastify.hot.keep('db', async () => { report('${name} open'); return { rows: [], isOpen: true } }, db => { db.isOpen = false; report('${name} dispose') })
  await fastify.hot.keep('second', () => 2, () => { report('${name} second'); throw new Error('cannot dispose') })
  fastify.get('/${name}', async () => { handle.rows.push(1); return [fastify.hot.data.reloads, handle.rows.length, handle.isOpen, '${text}'].join(' ') })
  fastify.addHook('onClose', async () => report('${name} onClose ' + fastify.hot.version + ' ' + fastify.hot.reason + ' ' + handle.isOpen))
}
`

test('a counter and a handle survive reloads, and the handle is disposed of once, when the plugin is removed', async t => {
  const reloads = times(10, 50)
  const { get, after, files, lines } = await startHot(t, { 'plugins/a.js': stateful('a', 'v1') })
  for (let n = 2; n <= reloads + 1; n++) {
    await after('plugin:reload', () => files.write('plugins/a.js', stateful('a', `v${n}`)))
    t.equal(await get('/a'), `200 ${n} ${n - 1} true v${n}`)
  }
  await until(() => reported('a onClose').length === reloads, 'the old versions end')
  t.strictSame([reported('a open').length, reported('a dispose').length], [1, 0])
  t.equal(reported('a onClose')[0], 'a onClose 1 reload true')
  rmSync(files.at('plugins/a.js'))
  await until(() => reported('a dispose').length > 0, 'it is disposed of')
  t.strictSame([reported('a open').length, reported('a dispose').length, reported('a second').length], [1, 1, 1])
  t.equal(reported('a onClose').at(-1), `a onClose ${reloads + 1} remove true`, 'after its last version has ended')
  await until(() => lines.some(line => line.includes('a did not dispose of second')), 'what fails is logged')
  t.comment(`${reloads} reloads`)
})

test('the end of the app disposes once, after preClose and onClose; an app that was never ready closes, too', async t => {
  const { app, after, files } = await startHot(t, { 'plugins/b.js': stateful('b', 'v1') })
  await after('plugin:reload', () => files.write('plugins/b.js', stateful('b', 'v2')))
  await until(() => reported('b onClose').length === 1, 'the old version ends')
  await app.close()
  t.strictSame([reported('b dispose').length, reported('b onClose').at(-1)], [1, 'b onClose 2 close true'])
})

test('a failed version is told so, and what the one before keeps stays', async t => {
  const { get, after, files } = await startHot(t, { 'plugins/c.js': stateful('c', 'v1') })
  await after('plugin:fail', () => files.write('plugins/c.js', `${stateful('c', 'v2').replace(/}\n$/, "  throw new Error('too late')\n}\n")}`))
  t.equal(await get('/c'), '200 2 1 true v1')
  t.strictSame([reported('c onClose'), reported('c dispose')], [['c onClose 2 failed true'], []])
})

test('services: who uses one is reloaded after who provides it, and gets the new one', async t => {
  const provider = (text: string) => `export default async fastify => { fastify.hot.provide('word', '${text}') }\n`
  const user = "export default async fastify => { const word = fastify.hot.use('word'); fastify.get('/' + fastify.hot.name, async () => word + fastify.hot.version) }\n"
  const { get, after, files, messages } = await startHot(t, {
    'plugins/a-words.js': provider('one'),
    'plugins/b.js': user,
    'plugins/c.js': "export default async fastify => { fastify.get('/c', async () => 'c' + fastify.hot.version) }\n"
  })
  t.strictSame(await Promise.all(['/b', '/c'].map(get)), ['200 one1', '200 c1'])
  await after('plugin:reload', () => files.write('plugins/a-words.js', provider('two')), 'b')
  t.strictSame(await Promise.all(['/b', '/c'].map(get)), ['200 two2', '200 c1'])
  const order = messages().filter(message => message.startsWith('reloaded')).map(message => message.split(' ')[1])
  t.strictSame(order, ['a-words', 'b'])
  // Both at once: still the provider first.
  await after('plugin:reload', () => {
    files.write('plugins/b.js', `${user}// changed\n`)
    files.write('plugins/a-words.js', provider('three'))
  }, 'b')
  await until(async () => (await get('/b')).startsWith('200 three'), 'the newest service')
  await after('plugin:fail', () => files.write('plugins/a-words.js', 'export default async () => {}\n'), 'b')
  t.match(await get('/b'), /^200 three/, 'without it the old version goes on')
})

test('events: every plugin and version hears them, and listeners end with their version', async t => {
  const listening = (name: string) => `export default async fastify => {
    const { events, version } = fastify.hot
    const off = () => { report('never') }
    events.on('ping', off).on('ping', text => report(\`${name} \${version} \${text}\`)).once('ping', () => report(\`${name} once \${version}\`)).off('ping', off).off('ping', off)
    fastify.get('/${name}', async () => String(events.emit('ping', 'from ${name}')))
    fastify.get('/${name}/quiet', async () => String(events.emit('nobody')))
  }\n`
  const { get, after, files } = await startHot(t, { 'plugins/x.js': listening('x'), 'plugins/y.js': listening('y') })
  t.strictSame([await get('/x'), await get('/x/quiet')], ['200 true', '200 false'])
  t.strictSame([...reported('x'), ...reported('y')], ['x 1 from x', 'x once 1', 'y 1 from x', 'y once 1'])
  seen.length = 0
  await after('plugin:reload', () => files.write('plugins/x.js', `${listening('x')}//\n`))
  await until(async () => {
    seen.length = 0
    await get('/y')
    return reported('x 1').length === 0
  }, 'the listeners of the old version are gone')
  t.strictSame(seen.filter(text => !text.includes('once')), ['y 1 from y', 'x 2 from y'])
})

test('a plugin that is enabled again while its last version still answers has a resource of its own', async t => {
  const source = `export default async fastify => {
    const client = await fastify.hot.keep('client', () => ({ isOpen: true }), client => { client.isOpen = false; report('client closed') })
    fastify.get('/open', async () => [client.isOpen, fastify.hot.data.n = (fastify.hot.data.n ?? 0) + 1].join())
    fastify.get('/events', (request, reply) => { reply.hijack(); reply.raw.write('HTTP') })
  }\n`
  const { get, app, port } = await startHot(t, { 'plugins/a.js': source }, { drainTimeout: 100 })
  const events = httpGet({ port, host: '127.0.0.1', path: '/events', agent: false }, response => response.resume()).on('error', () => {})
  t.teardown(() => events.destroy())
  await until(() => app.liveReload.plugins.list()[0]?.inFlight === 1, 'it answers')
  t.equal(await get('/open'), '200 true,1')
  await app.liveReload.plugins.disable('a')
  await app.liveReload.plugins.enable('a')
  await until(() => reported('client closed').length === 1, 'the old one is disposed of')
  t.equal(await get('/open'), '200 true,1')
})
