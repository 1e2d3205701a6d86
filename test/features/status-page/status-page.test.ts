// The status page as users meet it: with the plugin, in Chromium, beside a strict policy; and who may not.
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { homedir } from 'node:os'
import compress from '@fastify/compress'
import helmet from '@fastify/helmet'
import { test } from 'tap'
import type { LiveReloadOptions } from '../../../types/options.js'
import type { LiveReloadStatus } from '../../../types/status.js'
import type { Save, StatusMessage } from '../../../types/status-page.js'
import { liveApp, type LiveApp } from '../../support/app.js'
import { page } from '../../support/browser.js'
import { folder } from '../../support/folder.js'
import { looks } from '../../support/looks.js'
import { raw, rawGet } from '../../support/raw.js'
import { until } from '../../support/wait.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const statusOf = async ({ app, url }: Pick<LiveApp, 'app' | 'url'>): Promise<StatusMessage> => (await fetch(`${url}/__live/status?token=${app.liveReload.token}`)).json()
const savesOf = async (live: Pick<LiveApp, 'app' | 'url'>): Promise<readonly Save[]> => (await statusOf(live)).saves
const tokenIn = (html: string): string => /data-token="([\w-]+)"/.exec(html)?.[1] ?? ''

test('one page at two addresses, with a policy of its own', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  for (const server of [{}, { routerOptions: { ignoreTrailingSlash: true } }]) {
    const { url } = await liveApp(t, { root: at('') }, { server })
    const bare = await fetch(`${url}/__live?x=1`, { redirect: 'manual' })
    t.equal(bare.status, 302)
    t.equal(bare.headers.get('location'), '__live/', 'relative: a prefix of a proxy stays')
    const answer = await fetch(`${url}/__live/`)
    const html = await answer.text()
    t.equal(answer.status, 200)
    t.match(answer.headers.get('content-type'), 'text/html')
    t.equal(answer.headers.get('cache-control'), 'no-store')
    t.equal(answer.headers.get('x-frame-options'), 'DENY')
    t.match(answer.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
    t.notMatch(html, 'data-live-reload', 'not a page of the app: nothing is injected')
    t.notMatch(html, /<script(?![^>]* src=)|<style|style=/, 'nothing inline')
    t.match(await (await fetch(`${url}/__live/status.js`)).text(), /Live reload/)
  }
})

test('the app\'s own prefix, and off', async t => {
  const { url } = await liveApp(t, { path: '/_dev/live' })
  t.match(await (await fetch(`${url}/_dev/live`)).text(), 'Live reload')
  const off = await liveApp(t, { enabled: false })
  t.equal((await fetch(`${off.url}/__live/`)).status, 404)
  t.match(off.app.liveReload.status(), { transports: { ws: 0, sse: 0 }, fallbacks: { failed: 0 } })
})

test('who may not see it, and who may not press a button', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  const { app, port, url } = await liveApp(t, { root: at('') })
  const token = tokenIn(await (await fetch(`${url}/__live/`)).text())
  t.match(token, /^[\w-]{20,}$/)
  const own = ['Host: localhost']
  const pages: [string, string[], number][] = [
    ['us', own, 200],
    ['a typed address', [...own, 'Sec-Fetch-Site: none'], 200],
    ['another host', ['Host: evil.test'], 403],
    ['no host', [], 400],
    ['a link of another site', [...own, 'Sec-Fetch-Site: cross-site'], 403],
    ['another origin', [...own, 'Origin: http://evil.test'], 403]
  ]
  for (const [name, headers, status] of pages) {
    for (const path of ['/__live', '/__live/']) {
      const reply = await rawGet(port, path, headers)
      t.equal(reply.status, status === 200 && path === '/__live' ? 302 : status, name)
      if (status !== 200) t.notMatch(reply.body, token, 'the token does not get there')
    }
  }
  const status: [string, string, string[], number][] = [
    ['us', `?token=${token}`, own, 200], ['no token', '', own, 403], ['another token', '?token=x', own, 403], ['another host', `?token=${token}`, ['Host: evil.test'], 403],
    ['another site', `?token=${token}`, [...own, 'Sec-Fetch-Site: cross-site'], 403]
  ]
  for (const [name, query, headers, expected] of status) {
    t.equal((await rawGet(port, `/__live/status${query}`, headers)).status, expected, `status: ${name}`)
  }

  const reload = '{"action":"reload"}'
  const json = 'Content-Type: application/json'
  const controls: [string, string, string, string[], number][] = [
    ['us', token, reload, [...own, json], 204],
    ['no token', '', reload, [...own, json], 403],
    ['another host', token, reload, ['Host: evil.test', json], 403],
    ['another origin', token, reload, [...own, json, 'Origin: http://evil.test', 'Sec-Fetch-Site: cross-site'], 403],
    ['no origin at all', token, reload, [...own, json, 'Origin: null'], 403],
    ['a form', token, 'action=reload', [...own, 'Content-Type: application/x-www-form-urlencoded'], 415],
    ['text', token, reload, [...own, 'Content-Type: text/plain'], 415],
    ['junk', token, 'junk', [...own, json], 400],
    ['nothing', token, '', [...own, json], 400],
    ['null', token, 'null', [...own, json], 400],
    ['what is inherited', token, '{"action":"constructor"}', [...own, json], 400],
    ['what is not for buttons', token, '{"action":"transport"}', [...own, json], 400],
    ['no such transport', token, '{"action":"transport","transport":"tcp"}', [...own, json], 400],
    ['too much', token, JSON.stringify({ action: 'x'.repeat(2000) }), [...own, json], 413]
  ]
  for (const [name, given, body, headers, status] of controls) {
    const reply = await raw(port, `${[`POST /__live/control?token=${given} HTTP/1.1`, ...headers, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`)
    t.equal(reply.status, status, `button: ${name}`)
  }
  t.equal(app.liveReload.status().seq, 1, 'one reload, by us')
  t.equal((await rawGet(port, `/__live/control?token=${token}`)).status, 404, 'never by GET')
})

test('health and status show no path of the machine', async t => {
  const { path, at } = folder(t, { 'src/a.ts': 'x', 'out/index.html': HTML })
  const options: LiveReloadOptions = {
    root: at('out'),
    build: { source: at('src'), builder: async () => ({ ok: false, diagnostics: [{ severity: 'error', message: `bad ${homedir()}/x`, file: at('src/a.ts'), stack: `at ${path}` }] }) }
  }
  const { app, url } = await liveApp(t, options)
  const status: LiveReloadStatus = await (await fetch(`${url}/__live/health`)).json()
  t.notMatch(JSON.stringify(status.watch.roots), `"${path}`, 'roots as the project sees them')
  t.notMatch(JSON.stringify(status.builds), /"stack"/)
  t.notMatch(JSON.stringify(status), process.env.PATH as string)
  t.match(app.liveReload.status().watch.roots, [at('out')], 'the app itself is told all')

  const first = await statusOf({ app, url })
  t.match(first, { type: 'status', epoch: status.epoch, clients: 0, builds: { build: { state: 'failed' } }, saves: [{ source: 'build', state: 'failed' }] })
  t.notMatch(JSON.stringify(first.watch.roots), `"${path}`)
  t.notMatch(JSON.stringify(first.builds), /"stack"/)
  app.liveReload.reload()
  t.match(await savesOf({ app, url }), [{ source: 'reload' }, {}])
})

test('in Chromium, beside helmet and compress: live, and every button', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  let built = 0
  const { app, url, lines } = await liveApp(t, { root: at(''), build: { name: 'docs', source: at('src'), builder: async () => { built++ } } }, {
    before: app => app.register(helmet).register(compress)
  })
  const tab = await page(t)
  await tab.goto(url)
  await until(() => app.liveReload.clients === 1, 'the tab')
  const look = await (await tab.context().browser()?.newContext())?.newPage()
  if (look === undefined) throw new Error('no page')
  t.teardown(() => look.context().close())
  const errors: string[] = []
  look.on('pageerror', error => errors.push(error.message))
  look.on('console', message => { if (message.type() === 'error') errors.push(message.text()) })
  await look.goto(`${url}/__live`)
  const says = (expected: RegExp) => until(async () => expected.test(await look.locator('body').innerText()), String(expected))
  const press = (name: string) => look.getByRole('button', { name }).click()
  await says(/Connections\s+1\s+1 WebSocket · 0 SSE/)
  await says(/\n\/\s+Chrome \d+\s+WebSocket\s/)
  t.equal(app.liveReload.clients, 1, 'who looks is no tab')

  writeFileSync(at('index.html'), HTML.replace('hello', 'again'))
  await says(/index\.html[\s\S]*on screen \+[\d.]+ m?s · 1 tab/)
  const [save] = await savesOf({ app, url })
  t.match(save, { source: 'output', state: 'sent', seq: 1, clients: 1, tabs: 1 })
  t.ok((save?.saved as number) <= (save?.seen as number) && (save?.seen as number) <= (save?.sent as number) && (save?.sent as number) <= (save?.applied as number), 'in order')

  await press('Reload all')
  await says(/Reload by hand[\s\S]*on screen/)
  await until(() => app.liveReload.clients === 1, 'back')
  const before = built
  await press('Rebuild')
  await until(() => built > before, 'built')
  await press('Pause')
  await says(/Paused/)
  t.equal(app.liveReload.status().paused, true)
  await press('Resume')
  await says(/Watching/)
  await until(() => app.liveReload.clients === 1, 'there')
  await press('Force fallback to SSE')
  await says(/0 WebSocket · 1 SSE/)
  await says(/1 fallback\b/)
  t.match(app.liveReload.status(), { transports: { ws: 0, sse: 1 }, fallbacks: { forced: 1 } })
  t.ok(lines.some(line => line.includes('a page left WebSocket for SSE: WebSocket was given up on demand')), 'and the log says so')
  writeFileSync(at('index.html'), HTML.replace('hello', 'by the stream'))
  await until(async () => (await savesOf({ app, url }))[0]?.tabs === 1, 'a save reloads')
  t.match(await tab.locator('body').innerText(), 'by the stream')
  t.same(errors, [], 'nothing is against a policy')
})

test('on a phone and at a desk, light and dark, with all that a day brings', async t => {
  const { at } = folder(t, { 'site/index.html': HTML, 'site/guide/installation-of-everything.html': HTML, 'content/guide.md': 'one', 'server/views.txt': 'x' })
  const frame = "  11 | export const title = 'Guide'\n> 12 | export const body = render(source, { highlight: true, anchors: 'all', images: 'responsive' }\n     |                                                                                            ^"
  const docs = async () => {
    const text = readFileSync(at('content/guide.md'), 'utf8')
    if (text === 'broken') return { ok: false, diagnostics: [{ severity: 'error' as const, message: 'Unexpected end of file: a bracket is still open', file: 'content/guide/installation-of-everything/step-by-step/render.ts', line: 12, column: 92, frame }] }
    writeFileSync(at('site/index.html'), HTML.replace('hello', text))
    return { ok: true }
  }
  const { app, url, tab: bare } = await liveApp(t, { root: at('site'), watch: at('server'), build: [{ name: 'documentation', source: at('content'), builder: docs }, { name: 'search-index', source: at('other'), builder: async () => ({ ok: true }) }] })
  const look = await page(t)
  await look.goto(`${url}/__live/`)
  const says = (expected: RegExp) => until(async () => expected.test(await look.locator('body').innerText()), String(expected))
  await says(/documentation\s+[\d.]+ m?s\s+ok/)
  await says(/no tab is open/)
  await looks(t, look, 'status-empty')

  const tab = await page(t)
  await tab.goto(url)
  for (let i = 0; i < 3; i++) await bare()
  for (let i = 0; i < 2; i++) {
    const stream = request(`${url}/__live/events`, answer => answer.resume()).on('error', () => {}).end()
    t.teardown(() => stream.destroy())
  }
  await until(() => app.liveReload.clients === 6, 'six connections')
  const shownBy = async (write: () => void) => {
    const shown = async () => (await savesOf({ app, url })).filter(({ tabs }) => tabs > 0).length
    const before = await shown()
    write()
    await until(async () => await shown() > before && app.liveReload.clients === 6, 'shown, and back')
  }
  for (const text of ['two', 'three', 'four']) await shownBy(() => writeFileSync(at('content/guide.md'), text))
  writeFileSync(at('site/guide/installation-of-everything.html'), `${HTML}1`)
  await says(/installation-of-everything/)
  await shownBy(() => writeFileSync(at('server/views.txt'), 'y'))
  await shownBy(() => app.liveReload.reload())
  await says(/Reload by hand[\s\S]*on screen/)
  await looks(t, look, 'status-live')
  writeFileSync(at('content/guide.md'), 'broken')
  await says(/Unexpected end of file/)
  await says(/Build documentation failed/)
  await looks(t, look, 'status-failed')
})

test('hooks and error pages of the app: an answer that is ours', async t => {
  const { url } = await liveApp(t, {}, {
    before: app => app
      .addHook('preHandler', async request => { if ('x-break' in request.headers) throw new Error('theirs') })
      .setErrorHandler((_error, _request, reply) => { reply.code(500).type('text/html').send('<html>theirs</html>') })
  })
  const token = tokenIn(await (await fetch(`${url}/__live/`)).text())
  const answer = await fetch(`${url}/__live/control?token=${token}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-break': '1' }, body: '{"action":"reload"}' })
  t.equal(answer.status, 500)
  t.equal(await answer.text(), 'live reload: theirs')
})

test('hot plugins: what each is doing, and buttons that reload it, turn it off and on, and stop watching', async t => {
  const files = folder(t, {
    'plugins/bot.mjs': "export const meta = { displayName: 'The bot' }\nexport default async fastify => { fastify.get('/bot', async () => 'bot') }\n",
    'plugins/broken.mjs': 'export default 5\n'
  })
  const live = await liveApp(t, { plugins: { dir: files.at('plugins') } })
  const { plugins } = live.app.liveReload
  const tab = await page(t)
  await tab.goto(`${live.url}/__live/`)
  const rows = tab.locator('section', { hasText: 'Plugins' }).locator('.row')
  await rows.first().waitFor()
  t.strictSame(await rows.locator('.name').allTextContents(), ['The bot', 'broken'])
  t.strictSame(await rows.locator('.pill').allTextContents(), ['v1', 'failed'])
  t.strictSame(await rows.locator('.ms').allTextContents(), ['2 routes', '0 routes'])
  await tab.getByRole('button', { name: 'Reload bot' }).click()
  await rows.first().getByText('v2').waitFor()
  await tab.getByRole('button', { name: 'Turn bot off' }).click()
  await rows.first().locator('.pill', { hasText: 'off' }).waitFor()
  t.equal((await fetch(`${live.url}/bot`)).status, 404)
  await tab.getByRole('button', { name: 'Turn bot on' }).click()
  await rows.first().getByText('v3').waitFor()
  await tab.getByRole('button', { name: 'Stop watching' }).click()
  await tab.getByText('changes are not watched').waitFor()
  t.notOk(plugins.watching)
  await tab.getByRole('button', { name: 'Watch', exact: true }).click()
  await tab.getByText('2 plugins').waitFor()
  t.ok(plugins.watching)
  for (const body of [{ action: 'plugin', plugin: 'none', do: 'reload' }, { action: 'plugin', plugin: 'bot', do: 'constructor' }, { action: 'plugins' }]) {
    const { status } = await fetch(`${live.url}/__live/control?token=${live.app.liveReload.token}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    t.equal(status, 400, JSON.stringify(body))
  }
})
