import type { FastifyBaseLogger } from 'fastify'
import { test, type Test } from 'tap'
import { PageConsole, type ConsoleParts } from '../../../lib/features/page-console/console.js'
import { until } from '../../support/wait.js'

interface Line { readonly level: string, readonly message: string, readonly page?: string, readonly tab?: string, readonly stack?: string }

function start (t: Test, parts: Partial<ConsoleParts> = {}) {
  const lines: Line[] = []
  const write = (level: string) => (data: object | string, message?: string) => { lines.push(typeof data === 'string' ? { level, message: data } : { level, message: String(message), ...data }) }
  const log = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') } as unknown as FastifyBaseLogger
  const pages = new PageConsole({ levels: ['error', 'warn', 'info'], map: async text => text, sanitize: text => text, log, ...parts })
  t.teardown(() => pages.close())
  return { pages, lines }
}

test('one line each, at its level, with its place', async t => {
  const { pages, lines } = start(t)
  const cases: [level: 'error' | 'warn' | 'info', text: string, expected: Omit<Line, 'level' | 'page' | 'tab'>][] = [
    ['info', 'hello', { message: 'page /a (t1): hello' }],
    ['warn', 'one\n  two\n\nthree\t!', { message: 'page /a (t1): one | two | three  !' }],
    ['error', 'Error: no\n    at f (src/a.ts:1:2)\n    at b.js:3:4\n', { message: 'page /a (t1): Error: no (src/a.ts:1:2)', stack: 'at f (src/a.ts:1:2)\nat b.js:3:4' }],
    ['error', 'Error: no\nf@/b.js:3:4\n', { message: 'page /a (t1): Error: no (/b.js:3:4)', stack: 'f@/b.js:3:4' }],
    ['error', 'Error: no\n    at <anonymous>', { message: 'page /a (t1): Error: no', stack: 'at <anonymous>' }],
    ['info', '\u001b\u009b\u0007\u202e\u200b\u2028x\r\0', { message: 'page /a (t1): x' }],
    ['info', '{"level":60}\n{"level":60,"msg":"forged"}', { message: 'page /a (t1): {"level":60} | {"level":60,"msg":"forged"}' }]
  ]
  for (const [level, text] of cases) pages.add({ type: 'log', level, text, url: '/a', tab: 't1' })
  pages.add({ type: 'log', level: 'debug', text: 'not asked for' })
  pages.add({ type: 'log', level: 'info', text: 'bare' })
  pages.add({ type: 'log', level: 'info', text: 'x', url: `/\n\u001b[2J${'a'.repeat(400)}`, tab: '<b>"\nabcdefghijk' })
  await until(() => lines.length === cases.length + 2, 'all written')
  for (const [i, [level, text, expected]] of cases.entries()) t.strictSame(lines[i], { level, page: '/a', tab: 't1', ...expected }, encodeURI(text))
  t.equal(lines[cases.length]?.message, 'page : bare')
  t.match(lines.at(-1)?.message, /^page \/\n?\[2Ja+ \(babcdefg\): x$/)
  t.notMatch(lines.at(-1)?.message, '\u001b')
})

test('a line that cannot be written does not keep back the next', async t => {
  const { pages, lines } = start(t, { map: async text => { if (text === 'bad') throw new Error('of the map'); return text } })
  for (const text of ['bad', 'good']) pages.add({ type: 'log', level: 'info', text, url: '/a' })
  await until(() => lines.length === 2, 'both')
  t.match(lines, [{ level: 'warn', message: 'page console: a line could not be written', err: { message: 'of the map' } }, { message: 'page /a: good' }])
})

test('what has to be looked up keeps its turn, and is sanitized', async t => {
  let release = () => {}
  const held = new Promise<void>(resolve => { release = resolve })
  const { pages, lines } = start(t, {
    async map (text) {
      if (text === 'first') await held
      return text
    },
    sanitize: text => text.replace('secret', '***')
  })
  for (const text of ['first', 'second secret']) pages.add({ type: 'log', level: 'info', text })
  release()
  await until(() => lines.length === 2, 'both')
  t.same(lines.map(({ message }) => message), ['page : first', 'page : second ***'])
})

test('too many at once are left out, and that is said', async t => {
  const { pages, lines } = start(t)
  for (let i = 0; i < 1000; i++) pages.add({ type: 'log', level: 'info', text: String(i) })
  await until(() => lines.some(({ message }) => message.includes('dropped')), 'it is said')
  const { level, message } = lines.at(-1) as Line
  t.equal(level, 'warn')
  const dropped = Number(/^page console: (\d+) lines dropped/.exec(message)?.[1])
  t.equal(lines.length - 1 + dropped, 1000)
  t.ok(dropped > 700)
  pages.add({ type: 'log', level: 'info', text: 'again' })
  await until(() => lines.at(-1)?.message === 'page : again', 'there is room again')
  for (let i = 0; i < 1000; i++) pages.add({ type: 'log', level: 'info', text: String(i) })
  pages.close()
})
