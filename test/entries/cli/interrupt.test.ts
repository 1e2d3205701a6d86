import { test } from 'tap'
import { onInterrupt } from '../../../lib/entries/cli/interrupt.js'
import { until } from '../../support/wait.js'

test('a second signal does not wait, and work that does not stop is left behind', async t => {
  const codes: unknown[] = []
  t.intercept(process, 'exit', { value: (code: unknown) => { codes.push(code) } })
  let stops = 0
  const forget = onInterrupt(() => { stops++; return new Promise(() => {}) })
  process.emit('SIGINT', 'SIGINT')
  t.same(codes, [], 'the first waits')
  process.emit('SIGTERM', 'SIGTERM')
  t.same(codes, [143], 'the second does not')
  await until(() => codes.length === 2, 'the first does not wait for ever')
  t.same(codes, [143, 130])
  t.equal(stops, 1)
  forget()
  t.equal(process.listeners('SIGINT').some(listener => listener.name === 'handle'), false)
})
