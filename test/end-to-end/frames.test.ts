// Frames in real Chromium: the page around them reloads and connects, they do not; one of another origin acts for itself; nothing throws.
import { writeFileSync } from 'node:fs'
import { test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const HTML = (body: string) => `<!doctype html><html><head><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`

test('frames of a page', async t => {
  const { at } = folder(t, {
    'inner.txt': '1',
    'root/same.html': HTML('<iframe src="/nested.html"></iframe>'),
    'root/nested.html': HTML('nested'),
    'root/own.html': HTML('sandboxed, with an origin'),
    'root/none.html': HTML('sandboxed, without'),
    'root/around.html': HTML('in a frame of another origin')
  })
  const inner = await startApp(t, { watch: at('inner.txt') }, {
    before: app => {
      app.get('/', (request, reply) => reply.type('text/html').send(HTML(`<iframe src="${(request.query as { outer: string }).outer}/around.html"></iframe>`)))
    }
  })
  const other = inner.url.replace('127.0.0.1', 'localhost')
  const { app, url } = await startApp(t, { root: at('root') }, {
    before: app => {
      app.get('/', (_, reply) => reply.type('text/html').send(HTML(`
        <iframe src="/same.html"></iframe><iframe srcdoc="<p>srcdoc</p><script>document.title = parent.document.title</script>"></iframe>
        <iframe sandbox="allow-scripts allow-same-origin" src="/own.html"></iframe><iframe sandbox="allow-scripts" src="/none.html"></iframe>
        <iframe src="${other}/?outer=${encodeURIComponent(url)}"></iframe><iframe src="data:text/html,<p>data</p>"></iframe><iframe src="about:blank"></iframe>`)))
    }
  })
  const joined: string[] = []
  for (const [name, { liveReload }] of Object.entries({ outer: app, inner: inner.app })) liveReload.on('connect', ({ clients }) => { joined.push(`${name} ${clients}`) })
  const tab = await page(t)
  const wrong: string[] = []
  const loads: Record<string, number> = {}
  tab.on('pageerror', error => wrong.push(error.message))
  tab.on('console', message => { if (message.type() === 'error') wrong.push(message.text()) })
  tab.on('request', request => {
    const { pathname, port } = new URL(request.url())
    const name = port === String(inner.port) ? 'inner' : pathname
    if (request.isNavigationRequest() && port !== '') loads[name] = (loads[name] ?? 0) + 1
  })
  const all = (times: number, innerTimes = times) => ({ '/': times, '/same.html': times, '/nested.html': times, '/own.html': times, '/none.html': times, '/around.html': innerTimes, inner: innerTimes })
  const settled = async (seq: number) => {
    await until(() => tab.evaluate(seq => window.__liveReload?.state === 'open' && window.__liveReload.seq === seq && document.readyState === 'complete', seq).catch(() => false), `the page shows ${seq}`)
    await until(() => app.liveReload.clients === 1 && inner.app.liveReload.clients === 1, 'one connection each')
  }
  await tab.goto(url)
  await settled(0)
  t.same(loads, all(1))
  t.same([...joined].sort(), ['inner 1', 'outer 1'], 'the page connects, and the frame of another origin')
  for (const frame of tab.frames().slice(1)) {
    t.equal(await frame.evaluate(() => window.__liveReload !== undefined), frame.url().startsWith(other), `a client in ${frame.url()}`)
  }

  writeFileSync(at('root/nested.html'), HTML('nested, and changed'))
  await settled(1)
  t.same(loads, all(2), 'the file of a frame: the page reloads, once, and its frames with it')

  writeFileSync(at('root/none.html'), HTML('sandboxed, and changed'))
  await settled(2)
  t.same(loads, all(3), 'the same with a sandboxed one')

  const before = joined.length
  writeFileSync(at('inner.txt'), '2')
  await until(() => joined.length > before, 'the frame is there again')
  await settled(2)
  t.same(loads, all(3, 4), 'what concerns the other origin reloads its frame alone')
  t.same(wrong, [])
})
