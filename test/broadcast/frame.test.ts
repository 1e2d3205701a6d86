import { test } from 'tap'
import { decode, encode } from '../../lib/broadcast/frame.js'
import { toEvent } from '../../lib/broadcast/sse.js'
import type { ServerMessage } from '../../types/message.js'

test('a message is one line', async t => {
  const { text, bytes } = encode({ type: 'reload', seq: 1, paths: ['a\nb\r\u2028\u2029é'] })
  t.equal(text, '{"type":"reload","seq":1,"paths":["a\\nb\\r\\u2028\\u2029é"]}')
  t.equal(String(bytes), text)
})

test('a message as an event', async t => {
  const cases: [ServerMessage, string][] = [
    [{ type: 'reload', seq: 5, paths: ['a\r\nb'] }, 'event: reload\nid: e-1:5\ndata: {"seq":5,"paths":["a\\r\\nb"]}\n\n'],
    [{ type: 'build', state: 'ok', name: '\u2028' }, 'event: build\ndata: {"state":"ok","name":"\\u2028"}\n\n'],
    [{ type: 'custom', event: 'translations', data: { de: '\n' } }, 'event: custom\ndata: {"event":"translations","data":{"de":"\\n"}}\n\n'],
    [{ type: 'closing' }, 'event: closing\ndata: {}\n\n']
  ]
  for (const [message, text] of cases) t.equal(String(toEvent(encode(message), 'e-1')), text)
})

test('what a page says', async t => {
  const applied = { type: 'applied', seq: 5, kind: 'reload', ms: 12.5 }
  const log = { type: 'log', level: 'warn', text: 'x' }
  t.same(decode(JSON.stringify({ ...applied, extra: 1 })), applied)
  t.same(decode('{"__proto__":{"x":1},"type":"log","level":"warn","text":"x"}'), log)
  t.same(decode('{"seq":5,"kind":"update","ms":0}', 'applied'), { ...applied, kind: 'update', ms: 0 })
  t.same(decode(JSON.stringify(log), 'log'), log)
  t.same(decode(JSON.stringify({ ...log, url: '/a', tab: 'x1', extra: 1 })), { ...log, url: '/a', tab: 'x1' })
  t.same(decode(JSON.stringify({ ...log, url: 1, tab: null })), log)
  t.equal(decode(JSON.stringify(log), 'applied'), undefined, 'another type than the address says')
  for (const reason of ['timeout', 'failed', 'forced']) t.same(decode(JSON.stringify({ type: 'fallback', from: 'ws', to: 'sse', reason, x: 1 })), { type: 'fallback', from: 'ws', to: 'sse', reason })
  for (const [from, to, reason] of [['ws', 'sse', 'boredom'], ['ws', 'tcp', 'failed'], ['__proto__', 'ws', 'failed'], ['ws', 'sse', undefined]]) t.equal(decode(JSON.stringify({ type: 'fallback', from, to, reason })), undefined)
  t.same(decode('{"type":"failed","attempts":3,"extra":1}'), { type: 'failed', attempts: 3 })
  for (const attempts of [0, -1, 1.5, 1e9, '3', null]) t.equal(decode(JSON.stringify({ type: 'failed', attempts })), undefined, `${attempts} attempts`)
  t.equal(decode('{"seq":5,"kind":"update","ms":0}'), undefined, 'no type at all')
  const junk = ['', '{', 'null', '5', '[]', '{"type":"invoke","file":"/etc/passwd"}', '{"type":"applied","seq":"5","kind":"reload","ms":1}', '{"type":"applied","seq":5,"kind":"x","ms":1}',
    '{"type":"applied","seq":5,"kind":"reload"}', '{"type":"log","level":"loud","text":"x"}', '{"type":"log","level":"info"}', '['.repeat(10_000)]
  for (const text of junk) t.equal(decode(text), undefined, text.slice(0, 60))
})
