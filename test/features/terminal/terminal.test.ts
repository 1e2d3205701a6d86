import { EventEmitter } from 'node:events'
import Fastify, { type FastifyBaseLogger } from 'fastify'
import { test } from 'tap'
import { createEvents } from '../../../lib/live/events.js'
import { createTerminal, type TerminalOptions } from '../../../lib/features/terminal/terminal.js'
import { until } from '../../support/wait.js'

/** What a terminal shows of what was written to it: lines that ended, and the one that did not. */
function screen (columns = 60) {
  let done: string[] = []
  let row = ''
  let at = 0
  let written = ''
  return {
    isTTY: true,
    columns,
    write (text: string) {
      written += text
      // eslint-disable-next-line no-control-regex -- what a terminal is spoken to with
      for (const part of text.match(/\u001b\[2K|[\s\S]/g) ?? []) {
        if (part === '\u001b[2K') row = ''
        else if (part === '\r') at = 0
        else if (part === '\n') [done, row, at] = [[...done, row.trimEnd()], '', 0]
        else row = row.padEnd(at).slice(0, at) + part + row.slice(++at)
      }
    },
    lines: () => done,
    row: () => row,
    written: () => written
  }
}

/** A logger that writes its lines to the same terminal. */
function start (options: TerminalOptions & { level?: string } = {}) {
  const view = screen()
  const { log: base } = Fastify({ logger: { level: options.level ?? 'info', stream: { write: line => view.write(`${(JSON.parse(line) as { msg: string }).msg}\n`) } } })
  const terminal = createTerminal(base, { stream: view, env: {}, every: 20, ...options })
  const { on, emit } = createEvents(terminal.log)
  terminal.follow(on)
  const result = { ok: true, ms: 5, diagnostics: [] }
  return {
    ...view,
    terminal,
    begin: (name: string) => emit('build:start', { name, id: '1', changed: [] }),
    advance: (name: string, done: number, total: number, label = '') => emit('build:progress', { name, id: '1', progress: { done, total, label } }),
    end: (name: string) => emit('build:end', { name, id: '1', result })
  }
}

test('a terminal: one line, updated in place, gone at the end', async t => {
  const { begin, advance, end, row, lines, terminal, written } = start()
  begin('docs')
  await until(() => /^building docs, 0\.\d s$/.test(row()), 'the line')
  advance('docs', 12, 40, 'Markdown')
  await until(() => /^building docs 12 of 40 \(Markdown\), 0\.\d s$/.test(row()), 'the progress')
  begin('css')
  await until(() => /^building docs 12 of 40 \(Markdown\), \S+ s · css, \S+ s$/.test(row()), 'two of them')
  terminal.log.warn('docs: something to know')
  t.same(lines(), ['docs: something to know'], 'a log line stands alone')
  t.match(row(), /^building docs/, 'and ours is there again')
  end('docs')
  await until(() => /^building css/.test(row()), 'one is left')
  end('css')
  t.equal(row(), '')
  terminal.log.info('css: built in 5 ms')
  t.same(lines(), ['docs: something to know', 'css: built in 5 ms'])
  t.notMatch(written().replaceAll('\u001b[2K', ''), '\u001b')
})

test('a terminal: what is over at once is never drawn', async t => {
  const { begin, end, written } = start({ every: 5000 })
  begin('docs')
  end('docs')
  t.equal(written(), '')
})

test('a terminal: lines of others take the place of ours', async t => {
  const { begin, row, write, lines, terminal } = start()
  begin('docs')
  await until(row, 'the line')
  write('{"level":30,"msg":"a request that somebody else logged"}\n')
  t.same(lines(), ['{"level":30,"msg":"a request that somebody else logged"}'])
  await until(row, 'the line again')
  terminal.close()
  t.equal(row(), '', 'nothing is left behind')
})

test('a terminal: names are no commands to it, and lines fit', async t => {
  const { begin, advance, row, written, terminal } = start()
  begin('\u001b]0;evil\u0007\r\n\u202e')
  await until(() => row().includes('building ?]0;evil????'), 'the name')
  for (const command of ['\u001b]', '\u0007', '\n']) t.notOk(written().includes(command))
  advance('\u001b]0;evil\u0007\r\n\u202e', 1, 2, 'x'.repeat(500))
  await until(() => row().length === 59, 'cut')
  advance('nobody', 1, 2)
  terminal.close()
})

test('B-026 a terminal that goes away is no error of the app, and not written to any more', async t => {
  const leaving = Object.assign(new EventEmitter(), screen())
  const { begin, terminal } = start({ stream: leaving })
  begin('site')
  await until(() => leaving.row().includes('building site'), 'drawn')
  leaving.emit('error', new Error('EIO'))
  const { length } = leaving.written()
  terminal.log.info('said elsewhere')
  terminal.close()
  t.equal(leaving.written().length, length)
  t.equal(leaving.listenerCount('error'), 0)
})

test('a terminal that does not tell its width is taken for 80 columns', async t => {
  const { columns, ...wide } = screen()
  const { begin, advance, terminal } = start({ stream: wide })
  begin('site')
  advance('site', 1, 2, 'x'.repeat(500))
  t.ok(columns < 80)
  await until(() => wide.row().length === 79, 'cut')
  terminal.close()
})

test('elsewhere: plain lines, now and then', async t => {
  for (const options of [{ stream: { write: () => t.fail('written') } }, { stream: { isTTY: true, write: () => t.fail('written') }, env: { TERM: 'dumb' } }]) {
    const { begin, advance, end, lines, terminal } = start({ ...options, plainEvery: 30 })
    begin('docs')
    advance('docs', 3, 9)
    await until(() => lines().length >= 2, 'lines')
    for (const line of lines()) t.match(line, /^building docs 3 of 9, \d+\.\d s$/)
    end('docs')
    terminal.close()
  }
})

test('silent: nothing at all', async t => {
  const { log } = Fastify({ logger: false })
  const off = start({ level: 'silent' })
  off.begin('docs')
  t.equal(off.written(), '')
  const view = screen()
  const terminal = createTerminal(log as FastifyBaseLogger, { stream: view, every: 0 })
  t.equal(terminal.log, log)
  const { on, emit } = createEvents(log)
  terminal.follow(on)
  emit('build:start', { name: 'docs', id: '1', changed: [] })
  terminal.close()
  t.equal(view.written(), '')
})

test('by itself it writes to standard error', t => {
  const { log } = Fastify({ logger: { level: 'info', stream: { write () {} } } })
  createTerminal(log).close()
  t.pass('without a word')
  t.end()
})
