import { test } from 'tap'
import Fastify from 'fastify'
import { createEvents } from '../../lib/live/events.js'

test('listeners, their undo, and one that throws', async t => {
  const lines: string[] = []
  const { log } = Fastify({ logger: { level: 'error', stream: { write: line => { lines.push(line) } } } })
  const { on, emit } = createEvents(log)
  const got: number[] = []
  const listener = ({ clients }: { clients: number }) => { got.push(clients) }
  const undo = on('connect', listener)
  on('connect', () => { throw new Error('bad listener') })
  on('connect', listener)
  emit('connect', { transport: 'ws', clients: 1 })
  undo()
  undo()
  emit('connect', { transport: 'ws', clients: 2 })
  emit('disconnect', { transport: 'ws', clients: 0 })
  t.same(got, [1, 1, 2])
  t.match(lines, [/a listener of app\.liveReload 'connect' threw/, /bad listener/])
})
