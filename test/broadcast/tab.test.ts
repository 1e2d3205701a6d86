// What the server learns of a tab: from the request that connects it, and from its messages.
import { test } from 'tap'
import { nameBrowser } from '../../lib/broadcast/browser-name.js'
import { readTab, Tab } from '../../lib/broadcast/tab.js'
import type { PageMessage, UpdateMessage } from '../../types/message.js'

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)'
const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test('short names of browsers', t => {
  const cases: [string, string | undefined][] = [
    [`${LINUX} ${BLINK} Chrome/130.0.0.0 Safari/537.36`, 'Chrome 130'],
    [`${LINUX} ${BLINK} HeadlessChrome/141.0.7390.37 Safari/537.36`, 'Chrome 141'],
    [`${LINUX} ${BLINK} Ubuntu Chromium/120.0.1 Chrome/120.0.1 Safari/537.36`, 'Chrome 120'],
    [`Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${BLINK} Version/4.0 Chrome/129.0.1 Mobile Safari/537.36`, 'Chrome 129'],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${APPLE} CriOS/128.0.6613.98 Mobile/15E148 Safari/604.1`, 'Chrome 128'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.46`, 'Edge 130'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/64.0 Safari/537.36 Edge/17.17134`, 'Edge 17'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/129.0 Safari/537.36 OPR/115.0.0.0`, 'Opera 115'],
    [`Mozilla/5.0 (Linux; Android 14) ${BLINK} SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36`, 'Samsung Internet 26'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128'],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${APPLE} FxiOS/132.0 Mobile/15E148 Safari/605.1.15`, 'Firefox 132'],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE} Version/17.6 Safari/605.1.15`, 'Safari 17'],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${APPLE} Version/17.4 Mobile/15E148 Safari/604.1`, 'Safari 17'],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE}`, 'Mozilla 5'],
    ['curl/8.5.0', 'curl 8'],
    ['Python-urllib/3.11', 'Python-urllib 3'],
    ['node', 'node'],
    ['Chrome/99999999999999', 'Chrome 999999'],
    [`x${'y'.repeat(100_000)}/1`, `x${'y'.repeat(29)}`],
    ['<b>Chrome</b>', undefined],
    ['', undefined]
  ]
  for (const [header, expected] of cases) t.equal(nameBrowser(header), expected, header.slice(0, 120))
  t.equal(nameBrowser(undefined), undefined)
  t.end()
})

test('what a client says of itself: one line of limited length each, or nothing', t => {
  const read = (query: Record<string, string>) => readTab({ url: `/__live/socket?${new URLSearchParams(query)}`, headers: { 'user-agent': 'curl/8.5.0' } })
  const paths = ['/blog/a%20b', `/${'x'.repeat(300)}`, 'https://other.example/', '/a\nb', '/é', '']
  t.same(paths.map(path => read({ path }).path), ['/blog/a%20b', `/${'x'.repeat(199)}`, undefined, undefined, undefined, undefined])
  t.same(['0.123', '5e-7', 'a b', '', 'x'.repeat(41)].map(tab => read({ tab }).id), ['0.123', '5e-7', undefined, undefined, undefined])
  t.equal(read({}).browser, 'curl 8')

  const counts = { attempts: '3', successes: '1', failures: '2', fallbacks: '1', reloads: '12', updates: '0' }
  t.strictSame(read({ ...counts, lost: '5', messages: '9' }).counts, { attempts: 3, successes: 1, failures: 2, fallbacks: 1, reloads: 12, updates: 0 })
  for (const odd of ['', '-1', '1.5', '1e3', '0x10', 'NaN', '1'.repeat(10), 'Infinity']) t.equal(read({ ...counts, reloads: odd }).counts, undefined, `reloads=${odd}`)
  t.strictSame(readTab({ url: '/__live/socket', headers: {} }), { id: undefined, path: undefined, browser: undefined, counts: undefined })
  t.end()
})

const update = (seq: number): UpdateMessage => ({ type: 'update', seq, updates: [] })
const applied = (seq: number, ms: number, kind: 'update' | 'reload' = 'update'): PageMessage => ({ type: 'applied', seq, kind, ms })

test('counts go on from what the page says', t => {
  const before = { attempts: 2, successes: 0, failures: 1, fallbacks: 0, reloads: 0, updates: 0 }
  const tab = new Tab(before)
  for (const message of [applied(1, 5, 'reload'), applied(2, 5), applied(3, 5), { type: 'fallback', from: 'ws', to: 'sse', reason: 'failed' }, { type: 'failed', attempts: 1 }, { type: 'log', level: 'warn', text: 'x' }] as const) tab.heard(message, 0)
  t.strictSame(tab.counts, { attempts: 2, successes: 1, failures: 1, fallbacks: 1, reloads: 1, updates: 2 })
  t.equal(before.successes, 0)
  const bare = new Tab(undefined)
  bare.heard(applied(1, 5), 0)
  bare.heard({ type: 'fallback', from: 'ws', to: 'sse', reason: 'failed' }, 0)
  t.equal(bare.counts, undefined, 'a client that does not say is not guessed')
  t.end()
})

test('latency: a change to the page and its report back, without what the page did', t => {
  const tab = new Tab(undefined)
  tab.heard(applied(4, 1), 10)
  t.equal(tab.latency, undefined, 'never sent here')
  tab.sent(update(5), 100)
  tab.heard(applied(5, 20), 125)
  t.equal(tab.latency, 5)
  tab.sent(update(6), 200)
  tab.sent(update(7), 205)
  tab.heard(applied(7, 20), 240)
  t.equal(tab.latency, 5, 'not when the page gathers changes')
  tab.sent({ type: 'reload', seq: 8 }, 300)
  tab.heard(applied(8, 20, 'reload'), 400)
  t.equal(tab.latency, 5, 'nor after a reload, which is another document')
  tab.sent(update(9), 500)
  tab.heard(applied(8, 20), 520)
  tab.heard(applied(9, 3), 520)
  t.equal(tab.latency, 5, 'nor when it speaks of another change')
  tab.sent(update(10), 600)
  tab.heard(applied(10, 30), 625)
  t.equal(tab.latency, 0, 'clocks are coarse')
  t.end()
})
