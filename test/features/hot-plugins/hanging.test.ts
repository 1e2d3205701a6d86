// Code that waits for what never comes, in every place we know: the reason is told, the others go on, and the app closes.
import { test } from 'tap'
import { until } from '../../support/wait.js'
import { plugin, startHot } from './support.js'

const NEVER = 'new Promise(() => {})'
const around = { server: { pluginTimeout: 1000 } }

/** The source, and what the log says of it. */
const HANGING: readonly (readonly [what: string, source: string, told: RegExp])[] = [
  ['a resource', plugin('/a', 'bad', `  await fastify.hot.keep('slow', () => ${NEVER}, () => {})`), /^a failed: /],
  ['the top level of a module', `await ${NEVER}\n${plugin('/a', 'bad')}`, /^a failed: its code did not load within 1000 ms; v\d+ goes on serving/],
  ['register and onClose', plugin('/a', 'bad', `  fastify.addHook('onClose', () => ${NEVER})\n  await ${NEVER}`), /^a v\d+: an onClose hook failed$/],
  ['onClose of a version that fails', plugin('/a', 'bad', `  fastify.addHook('onClose', () => ${NEVER})\n  throw new Error('no database')`), /^a failed: no database/],
  ['onReady', plugin('/a', 'bad', `  fastify.addHook('onReady', () => ${NEVER})`), /^a failed: /],
  ['onListen', plugin('/a', 'served', `  fastify.addHook('onListen', () => ${NEVER})`), /^a v\d+: an onListen hook failed$/],
  ['preClose', plugin('/a', 'served', `  fastify.addHook('preClose', () => ${NEVER})`), /^a v\d+: a preClose hook failed$/]
]

test('while the app serves: the reason is told, others are reloaded, and the next save tries again', async t => {
  const { get, after, files, messages, app } = await startHot(t, { 'plugins/a.js': plugin('/a', '0'), 'plugins/b.js': plugin('/b', '0') }, {}, {}, around)
  let number = 0
  for (const [what, source, told] of HANGING) {
    const [before, text] = [messages().length, String(++number)]
    files.write('plugins/a.js', source)
    await until(() => messages().slice(before).some(message => message.startsWith('reloading a')), `${what}: it is tried`)
    await after('plugin:reload', () => files.write('plugins/b.js', plugin('/b', text)), 'b')
    t.equal(await get('/b'), `200 ${text}`, `${what}: the others go on`)
    await after('plugin:reload', () => files.write('plugins/a.js', plugin('/a', text, "  await fastify.hot.keep('slow', () => 'made')")), 'a')
    t.equal(await get('/a'), `200 ${text}`, `${what}: mended`)
    await until(() => messages().slice(before).some(message => told.test(message)), `${what}: ${String(told)} of ${messages().slice(before).join('\n')}`)
  }
  await app.close()
})

test('while the app starts: the others serve', async t => {
  for (const [what, source] of HANGING.slice(0, 3)) {
    const { get, app } = await startHot(t, { 'plugins/a.js': source, 'plugins/b.js': plugin('/b', 'b') }, {}, {}, { server: { pluginTimeout: 3000 } })
    t.equal(await get('/b'), '200 b', what)
    await app.close()
  }
})

test('while the app closes: what is being loaded, and hooks of all kinds', async t => {
  const { files, messages, app } = await startHot(t, { 'plugins/a.js': plugin('/a', '0', `  fastify.addHook('preClose', () => ${NEVER})\n  fastify.addHook('onClose', () => ${NEVER})\n  fastify.hot.keep('never', () => ${NEVER}, () => {})`), 'plugins/b.js': plugin('/b', '0') }, {}, {}, around)
  files.write('plugins/b.js', plugin('/b', 'bad', `  await ${NEVER}`))
  await until(() => messages().includes('reloading b'), 'it is being loaded')
  await app.close()
  t.match(messages().filter(message => message.startsWith('a ')), ['a v1: a preClose hook failed', 'a v1: an onClose hook failed', 'a did not dispose of never'])
})
