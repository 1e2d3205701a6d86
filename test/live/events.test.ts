import { test } from 'tap'
import Fastify from 'fastify'
import { Events } from '../../lib/live/events.js'

test('on: every listener hears an event, until its undo, also beside one that throws or rejects', async t => {
  const lines: string[] = []
  const { log } = Fastify({ logger: { level: 'error', stream: { write: line => { lines.push(line) } } } })
  const events = new Events(log)
  const got: number[] = []
  const listener = ({ clients }: { clients: number }) => { got.push(clients) }
  const undo = events.on('connect', listener)
  events.on('connect', () => { throw new Error('bad listener') })
  events.on('connect', async () => { throw new Error('bad promise') })
  events.on('connect', listener)
  events.emit('connect', { transport: 'ws', clients: 1 })
  undo()
  undo()
  events.emit('connect', { transport: 'ws', clients: 2 })
  events.emit('disconnect', { transport: 'ws', clients: 0 })
  t.same(got, [1, 1, 2])
  await new Promise(resolve => setImmediate(resolve))
  t.equal(lines.filter(line => /a listener of app\.liveReload 'connect' failed.*bad listener|bad listener.*a listener/.test(line)).length, 2)
  t.equal(lines.filter(line => line.includes('bad promise')).length, 2, 'a rejection is logged, and never unhandled')
})

test('defer: listeners hear of what happened meanwhile when the work is done, in its order, also when it throws', t => {
  const events = new Events(Fastify().log)
  const got: string[] = []
  events.on('connect', ({ clients }) => { got.push(`connect ${clients}`) })
  events.on('disconnect', ({ clients }) => { got.push(`disconnect ${clients}`) })
  events.defer(() => {
    events.emit('connect', { transport: 'ws', clients: 1 })
    events.defer(() => events.emit('disconnect', { transport: 'ws', clients: 0 }))
    got.push('done')
  })
  t.same(got.splice(0), ['done', 'connect 1', 'disconnect 0'])
  t.throws(() => events.defer(() => {
    events.emit('connect', { transport: 'ws', clients: 2 })
    throw new Error('broken')
  }), { message: 'broken' })
  events.emit('connect', { transport: 'ws', clients: 3 })
  t.same(got, ['connect 2', 'connect 3'])
  t.end()
})
