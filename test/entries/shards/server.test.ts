// A sharded build in a server: what a tab shows comes first, and the log says what was made.
import { existsSync, rmSync } from 'node:fs'
import { test, type Test } from 'tap'
import { by } from '../../../lib/entries/shards/partition/by.js'
import { viewOf } from '../../../lib/entries/shards/plan/views.js'
import { startApp } from '../../support/app.js'
import { until } from '../../support/wait.js'
import { smallSite } from './small-site.js'

/** The shard `slow` waits for the file `go`. */
const WAITING = `import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
export default async ({ shardId, pages, cwd }) => {
  while (shardId === 'slow' && !existsSync('GO')) await new Promise(resolve => setTimeout(resolve, 5))
  return { files: Object.fromEntries(pages.map(({ id, file, deps }) => [id.replace('.txt', '.html'), readFileSync('LAYOUT', 'utf8') + readFileSync(file, 'utf8')])) }
}`

async function start (t: Test) {
  const site = smallSite(t, { 'slow/a.txt': 'slow', 'fast/a.txt': 'fast', 'fast/b.txt': 'b' })
  const layout = site.write('layout.html', '<title>old</title>')
  const go = site.write('go', '')
  site.write('shard.mjs', WAITING.replace('GO', go).replace('LAYOUT', layout))
  const pages = () => site.pages().map(page => ({ ...page, file: site.at(page.file as string), deps: [layout] }))
  const builder = site.builder({ pages, partition: by.section })
  const started = await startApp(t, { root: { path: site.at('out') }, build: { name: 'site', source: [site.at('src'), layout], builder } })
  return { ...started, site, go }
}

test('the page that a tab shows is there before the rest of the site, and the tab is told once', async t => {
  const { site, go, tab, app } = await start(t)
  const viewer = await tab(undefined, '/fast/a.html')
  rmSync(go)
  site.write('layout.html', '<title>new</title>')
  await until(() => viewer.reloads() === 1, 'a reload while the build goes on')
  t.match(site.output(), { 'fast/a.html': /new/, 'slow/a.html': /old/ })
  t.equal(app.liveReload.status().builds.site?.state, 'started')
  site.write('go', '')
  await until(() => viewer.got.some(message => message.type === 'build' && message.state === 'ok'), 'the build ends')
  t.match(site.output()['slow/a.html'], /new/)
  const told = viewer.got.filter(({ type }) => type === 'reload' || type === 'update')
  t.notOk(told.slice(1).some(message => JSON.stringify(message).includes('fast/a.html')), 'not a second time')
  t.ok(existsSync(site.at('out/slow/a.html')))
})

test('the log says how many shards were built, and what the site has', async t => {
  const { site, lines } = await start(t)
  t.ok(lines.some(line => line.includes('finished in') && line.includes('(2 of 2 shards, 3 sources, 3 pages, 3 files)')), lines.join())
  site.write('src/fast/b.txt', 'edited')
  await until(() => lines.some(line => line.includes('(1 of 2 shards, 3 sources, 3 pages, 3 files)')), 'an edit')
})

test('a page is recognized by the path of its URL, wherever the site is mounted', t => {
  const isShown = (url: string, id: string, outputs?: string[]) => viewOf([url])({ id, ...outputs && { outputs } })
  for (const url of ['/guide/install.html', '/guide/install', '/guide/install/', '/guide/install/index.html', '/docs/guide/install']) t.ok(isShown(url, 'guide/install.md'), url)
  t.ok(isShown('/', 'x', ['index.html', 'index.json']))
  t.ok(isShown('/%C3%A4.html', 'ä.md'))
  for (const url of ['/install', '/guide', '/', '/guide/install/more', '/%zz']) t.notOk(isShown(url, 'guide/install.md'), url)
  t.notOk(viewOf([])({ id: 'a' }))
  t.end()
})
