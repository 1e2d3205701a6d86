// Tabs that change their transport: each is counted, one line a second speaks for all.
import type { FastifyBaseLogger } from 'fastify'
import { test } from 'tap'
import { Fallbacks } from '../../lib/live/fallbacks.js'
import { startApp } from '../support/app.js'

test('many tabs that fall back together are counted each, and logged once', async t => {
  const lines: string[] = []
  const fallbacks = new Fallbacks({ info: (line: string) => { lines.push(line) } } as unknown as FastifyBaseLogger)
  for (let i = 0; i < 5; i++) fallbacks.add({ from: 'ws', to: 'sse', reason: 'timeout' })
  t.strictSame(fallbacks.counts(), { timeout: 5, failed: 0, forced: 0 })
  t.match(lines, [/a page left WebSocket for SSE/])
  t.equal(lines.length, 1)
})

test('a tag that is asked for while the plugin registers its routes names no transport', async t => {
  const tags: string[] = []
  await startApp(t, {}, { before: app => app.addHook('onRoute', () => { if (app.hasDecorator('liveReload')) tags.push(app.liveReload.tag()) }) })
  t.ok(tags.length > 0)
  t.notMatch(tags[0], /data-transport/)
})
