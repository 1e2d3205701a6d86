import { test } from 'tap'
import { LineSender } from '../../../lib/features/server-log/line-sender.js'
import { createRedact } from '../../../lib/shared/messages/redact.js'
import { until } from '../../support/wait.js'

const sender = (level: 'error' | 'warn' | 'info' | 'debug' = 'debug') => {
  const sent: string[] = []
  const lines = new LineSender({ level, cwd: '/app', redact: createRedact({}).text, send: ({ level, text }) => { sent.push(`${level}: ${text}`) } })
  return { sent, lines, add: (line: unknown) => lines.add(typeof line === 'string' ? line : JSON.stringify(line)) }
}

const CASES: [what: string, line: unknown, ...sent: string[]][] = [
  ['a warning', { level: 40, msg: 'careful' }, 'warn: careful'],
  ['an error', { level: 50, msg: 'broken', err: { message: 'x', stack: 'Error: x\n    at f (/app/server.js:1:2)' } }, 'error: broken\nError: x\n    at f (server.js:1:2)'],
  ['an error whose message is the line', { level: 50, msg: 'x', err: { stack: 'Error: x\n    at f' } }, 'error: Error: x\n    at f'],
  ['an error without a stack', { level: 60, err: { message: 'gone' } }, 'error: gone'],
  ['information', { level: 30, msg: 'hello' }, 'info: hello'],
  ['details', { level: 20, msg: 'hello' }, 'debug: hello'],
  ['a level by its name', { level: 'WARN', msg: 'hello' }, 'warn: hello'],
  ['a level below all', { level: 10, msg: 'trace' }],
  ['a level that nobody knows', { level: 'loud', msg: 'x' }],
  ['a line of the plugin', { level: 50, msg: 'x', plugin: 'fastify-live-reload' }],
  ['a line that is no JSON', 'hello'],
  ['JSON that is no line', 'null'],
  ['a secret', { level: 50, msg: 'redis://me:hunter2@host token=abc' }, 'error: redis://me:***@host token=***'],
  ['a terminal sequence', { level: 50, msg: '\u001b[31mred\u001b[0m' }, 'error: red']
]

for (const [what, line, ...expected] of CASES) {
  test(what, t => {
    const { add, sent } = sender()
    add(line)
    t.same(sent, expected)
    t.end()
  })
}

test('the level and above', t => {
  for (const [level, expected] of [['error', 2], ['warn', 3], ['info', 4], ['debug', 5]] as const) {
    const { add, sent } = sender(level)
    for (const number of [10, 20, 30, 40, 50, 60]) add({ level: number, msg: 'x' })
    t.equal(sent.length, expected, level)
  }
  t.end()
})

test('too many lines at once are counted, and long ones cut', async t => {
  const { add, sent, lines } = sender()
  add({ level: 40, msg: 'x'.repeat(5000) })
  t.match(sent[0], /^warn: x{4000}\n… truncated/)
  for (let i = 0; i < 60; i++) add({ level: 40, msg: 'x' })
  const before = sent.length
  t.ok(before >= 50 && before < 60, `${before} lines`)
  await until(() => sent.length > before, 'the count')
  t.match(sent.at(-1), /^warn: \d+ lines dropped: too many at once$/)
  lines.close()
})
