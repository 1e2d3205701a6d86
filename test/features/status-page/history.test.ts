import { writeFileSync } from 'node:fs'
import Fastify from 'fastify'
import { test } from 'tap'
import { Events } from '../../../lib/live/events.js'
import { recordHistory } from '../../../lib/features/status-page/history.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

function follow (path: string) {
  const events = new Events(Fastify().log)
  return { emit: events.emit.bind(events), saves: recordHistory(events, path) }
}

test('saves: from the event of the watch to the tab', async t => {
  const { path, write, at } = folder(t, { 'a.md': 'x' })
  const { emit, saves } = follow(path)
  const seen = performance.now() + 1000
  write('a.md', 'y')
  emit('change', { source: 'input', name: 'docs', changes: [{ path: at('a.md'), type: 'update', seen }] })
  await until(() => saves()[0]?.saved, 'the time of the file')
  const [{ saved = 0 } = {}] = saves()
  t.ok(saved <= seen && saved > seen - 10_000, 'by the same clock')
  emit('build:start', { name: 'docs', id: '1', changed: [] })
  emit('build:end', { name: 'docs', id: '1', result: { ok: true, ms: 1, diagnostics: [] } })
  emit('send', { message: { type: 'reload', seq: 7 }, clients: 1 })
  await null
  emit('applied', { type: 'applied', seq: 7, kind: 'reload', ms: 1, transport: 'ws' })
  const [{ started = 0, built = 0, sent = 0, applied = 0, tabs } = {}] = saves()
  t.ok(started > 0 && started <= built && built <= sent && sent <= applied, 'in order')
  t.equal(tabs, 1)

  emit('build:start', { name: 'docs', id: '2', changed: [] })
  emit('build:end', { name: 'docs', id: '2', result: { ok: true, ms: 1, diagnostics: [] } })
  await null
  t.match(saves()[0], { source: 'build', state: 'unchanged' })
})

test('a file that is gone has no time', async t => {
  const { path, at } = folder(t)
  const { emit, saves } = follow(path)
  for (const type of ['delete', 'update'] as const) {
    emit('change', { source: 'output', changes: [{ path: at('gone'), type, seen: performance.now() }] })
    emit('send', { message: { type: 'reload', seq: 1 }, clients: 0 })
  }
  // One that is there is known when the one before it was looked for.
  writeFileSync(at('there'), '')
  emit('change', { source: 'output', changes: [{ path: at('there'), type: 'create', seen: performance.now() }] })
  emit('change', { source: 'output', changes: [] })
  await until(() => saves()[0]?.saved, 'looked at')
  t.match(saves(), [{ files: 1 }, { saved: undefined }, { saved: undefined }])
})
