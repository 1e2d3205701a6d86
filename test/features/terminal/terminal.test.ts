import { EventEmitter } from 'node:events'
import Fastify from 'fastify'
import { test } from 'tap'
import { BuildProgress, type ProgressOptions } from '../../../lib/shared/command-line/build-progress.js'
import terminal from '../../../lib/features/terminal/index.js'
import liveReload from '../../../lib/index.js'
import '../../support/preload.js'
import { parseOptions } from '../../../lib/options/parse.js'
import type { BuildFunction } from '../../../types/build.js'
import type { LiveReload } from '../../../types/live-reload.js'
import { folder } from '../../support/folder.js'
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
function start (options: Partial<ProgressOptions> = {}) {
  const view = screen()
  const { log } = Fastify({ logger: { level: 'info', stream: { write: line => view.write(`${(JSON.parse(line) as { msg: string }).msg}\n`) } } })
  const progress = new BuildProgress({ log, stream: view, env: {}, drawInterval: 20, ...options })
  return {
    ...view,
    log,
    progress,
    begin: (name: string) => progress.start(name),
    advance: (name: string, done: number, total: number, label = '') => progress.update(name, { done, total, label }),
    end: (name: string) => progress.end(name)
  }
}

test('a terminal: one line, updated in place, gone at the end', async t => {
  const { begin, advance, end, row, lines, log, progress, written } = start()
  begin('docs')
  await until(() => /^building docs, 0\.\d s$/.test(row()), 'the line')
  advance('docs', 12, 40, 'Markdown')
  await until(() => /^building docs 12 of 40 \(Markdown\), 0\.\d s$/.test(row()), 'the progress')
  begin('css')
  await until(() => /^building docs 12 of 40 \(Markdown\), \S+ s · css, \S+ s$/.test(row()), 'two of them')
  progress.erase()
  log.warn('docs: something to know')
  t.same(lines(), ['docs: something to know'], 'a log line stands alone')
  await until(() => /^building docs/.test(row()), 'and the line is there again')
  end('docs')
  await until(() => /^building css/.test(row()), 'one is left')
  end('css')
  t.equal(row(), '')
  log.info('css: built in 5 ms')
  t.same(lines(), ['docs: something to know', 'css: built in 5 ms'])
  t.notMatch(written().replaceAll('\u001b[2K', ''), '\u001b')
})

test('a terminal: what is over at once is never drawn', async t => {
  const { begin, end, written } = start({ drawInterval: 5000 })
  begin('docs')
  end('docs')
  t.equal(written(), '')
})

test('a terminal: lines of others take the place of ours', async t => {
  const { begin, row, write, lines, progress } = start()
  begin('docs')
  await until(row, 'the line')
  write('{"level":30,"msg":"a request that somebody else logged"}\n')
  t.same(lines(), ['{"level":30,"msg":"a request that somebody else logged"}'])
  await until(row, 'the line again')
  progress.close()
  t.equal(row(), '', 'nothing is left behind')
})

test('a terminal: names are no commands to it, and lines fit', async t => {
  const { begin, advance, row, written, progress } = start()
  begin('\u001b]0;evil\u0007\r\n\u202e')
  await until(() => row().includes('building ?]0;evil????'), 'the name')
  for (const command of ['\u001b]', '\u0007', '\n']) t.notOk(written().includes(command))
  advance('\u001b]0;evil\u0007\r\n\u202e', 1, 2, 'x'.repeat(500))
  await until(() => row().length === 59, 'cut')
  advance('nobody', 1, 2)
  progress.close()
})

test('a terminal that goes away is no error of the app, and not written to any more', async t => {
  const leaving = Object.assign(new EventEmitter(), screen())
  const { begin, progress } = start({ stream: leaving })
  begin('site')
  await until(() => leaving.row().includes('building site'), 'drawn')
  leaving.emit('error', new Error('EIO'))
  const { length } = leaving.written()
  progress.erase()
  progress.close()
  t.equal(leaving.written().length, length)
  t.equal(leaving.listenerCount('error'), 0)
})

test('a terminal that does not tell its width is taken for 80 columns', async t => {
  const { columns, ...wide } = screen()
  const { begin, advance, progress } = start({ stream: wide })
  begin('site')
  advance('site', 1, 2, 'x'.repeat(500))
  t.ok(columns < 80)
  await until(() => wide.row().length === 79, 'cut')
  progress.close()
})

test('elsewhere: plain lines, now and then', async t => {
  for (const options of [{ stream: { write: () => t.fail('written') } }, { stream: { isTTY: true, write: () => t.fail('written') }, env: { TERM: 'dumb' } }]) {
    const { begin, advance, end, lines, progress } = start({ ...options, logInterval: 30 })
    begin('docs')
    advance('docs', 3, 9)
    await until(() => lines().length >= 2, 'lines')
    for (const line of lines()) t.match(line, /^building docs 3 of 9, \d+\.\d s$/)
    end('docs')
    progress.close()
  }
})

test('no logger, no progress: nothing listens', async t => {
  for (const logger of [false, { level: 'silent' }] as const) {
    const app = Fastify({ logger })
    t.teardown(() => app.close())
    const live = { on: () => { t.fail('listens') }, ready: new Promise(() => {}) } as unknown as LiveReload
    await app.register(terminal, { live, settings: parseOptions({}) })
    t.pass('registered')
  }
})

test('an app whose error output is a terminal: the line is there while a build runs, and makes room for log lines', async t => {
  const view = screen()
  const { stderr } = process
  Object.defineProperty(process, 'stderr', { value: Object.assign(new EventEmitter(), view), configurable: true })
  t.teardown(() => { Object.defineProperty(process, 'stderr', { value: stderr, configurable: true }) })
  const { path, write } = folder(t, { 'src/a.md': 'a', 'views/a.txt': 'a' })
  let finish = () => {}
  const builder: BuildFunction = async (_request, { progress }) => {
    progress({ label: '', done: 1, total: 3 })
    await new Promise<void>(resolve => { finish = resolve })
  }
  const app = Fastify({ logger: { level: 'info', stream: { write: line => view.write(`${(JSON.parse(line) as { msg: string }).msg}\n`) } } })
  t.teardown(() => app.close())
  await app.register(liveReload, { watch: `${path}/views`, build: { name: 'docs', source: `${path}/src`, builder } })
  await app.ready()
  await until(() => /^building docs 1 of 3, \d\.\d s$/.test(view.row()), 'the line')
  const seen = new Promise<string>(resolve => { app.liveReload.on('change', () => resolve(view.row())) })
  write('views/a.txt', 'b')
  t.equal(await seen, '', 'erased before other listeners hear of the change')
  await until(() => view.row() !== '', 'drawn again')
  finish()
  await app.liveReload.ready
  t.equal(view.row(), '')
  t.ok(view.lines().some(line => /^build "docs" finished in \d+ ms$/.test(line)), view.lines().join())
})
