// The sharded documentation: documents and types -> shards -> site -> tab, on a copy of the sources.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'tap'
import { page } from '../support/browser.js'
import { example, run, type Running } from '../support/example.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

type Test = Parameters<typeof run>[0]

/** Shared: the second start finds what the first has left. */
const copy = folder({ teardown: fn => after(fn) })
for (const name of ['docs', 'types', 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) cpSync(example(`../${name}`), copy.at(name), { recursive: true })

const start = (t: Test): Promise<Running> =>
  run(t, [example('docs-site/server.js')], { PORT: '0', DOCS_ROOT: copy.path, OUT_DIR: copy.at('out'), CACHE_DIR: copy.at('cache') })

/** What each build said: how many shards it built, of how many. */
const builds = (output: string) => [...output.matchAll(/(\d+) of (\d+) shards built/g)].map(([, built, all]) => ({ built: Number(built), all: Number(all) }))

/** Of the last build. */
let shards = 0

test('documents, types, tags, an archive, search: all is there, in three forms, and an edit shows', async t => {
  const { url, output } = await start(t)
  const get = async (path: string) => {
    const response = await fetch(url + path)
    t.equal(response.status, 200, path)
    return response.text()
  }
  const [cold] = builds(output())
  t.ok(cold !== undefined && cold.built === cold.all, 'the first time all shards are built')
  t.notMatch(output(), /warning|error/, 'nothing is wrong, and no link is dead')
  const about = JSON.parse(await get('/api/BuildResult.json')) as Record<string, unknown>
  t.match(about, { url: '/api/BuildResult', title: 'BuildResult', kind: 'api', version: 'latest', text: /^How a build ended/ })
  t.match(await get('/api/BuildResult.txt'), /^BuildResult\n\/api\/BuildResult\n\n# BuildResult\n/)
  t.match(await get('/api/BuildResult'), '<a href="Diagnostic.html"><code>Diagnostic</code></a>', 'types that it names are linked')
  t.match(await get('/0.1.0/watching'), '<h1>Watching</h1>', 'the archive')
  t.match(await get('/sitemap.xml'), '<loc>http://localhost:3000/api/BuildResult</loc>')
  t.match(await get('/atom.xml'), '<id>http://localhost:3000/broadcast</id>')
  t.match(await get('/llms.txt'), '- [Watching](/watch.txt)')
  t.equal((await fetch(`${url}/nope`)).status, 404)

  const tab = await page(t)
  await tab.goto(`${url}/proxies`)
  await tab.locator('article .tags a', { hasText: 'Proxies' }).click()
  await tab.waitForURL('**/tags/proxies')
  t.ok(await tab.locator('article a[href="/proxies"]').isVisible(), 'a tag lists its pages')

  await tab.goto(`${url}/getting-started`)
  await tab.waitForFunction('__liveReload.state === "open"')
  const text = readFileSync(copy.at('docs/getting-started.md'), 'utf8')
  copy.write('docs/getting-started.md', text.replace(/^(# .+\n\n)/, '$1A quokkafied sentence.\n\n'))
  await tab.locator('article', { hasText: 'quokkafied' }).waitFor({ timeout: 60_000 })
  const edit = await until(() => builds(output())[1], 'a line about the build')
  // On a busy machine its own may have taken so long that it is split now, and all of its parts are built.
  const added = edit.all - Number(cold?.all)
  t.ok(edit.built >= 2 && edit.built <= 5 + added, `${edit.built} of ${edit.all} shards, of which ${added} are new: its own, the search, and perhaps tags`)

  await tab.keyboard.press('/')
  await tab.keyboard.type('quokkaf')
  const found = tab.locator('#results a')
  await found.first().waitFor()
  t.equal(await found.count(), 1)
  t.match(await found.first().innerText(), /Getting started\n+A quokkafied sentence/)
  await tab.keyboard.press('ArrowDown')
  await tab.keyboard.press('Enter')
  await tab.waitForURL('**/getting-started')

  copy.write('types/brand-new.ts', '/** A type of its own. */\nexport interface BrandNew {\n  /** How much. @default 3 */\n  readonly amount?: number\n}\n')
  await until(async () => (await fetch(`${url}/api/BrandNew`)).status === 200, 'a page for a new type', 60_000)
  // The tab may be on its way to a page that the same build has changed.
  await until(() => tab.goto(`${url}/api/BrandNew`).catch((error: Error) => { if (!error.message.includes('interrupted')) throw error }), 'it is shown')
  t.match(await tab.locator('article').innerText(), /A type of its own\.[^]*amount[^]*How much\.[^]*default: 3/)
  t.equal(await tab.locator('.sidebar [aria-current="page"]').innerText(), 'BrandNew')
  const before = builds(output()).length
  rmSync(copy.at('types/brand-new.ts'))
  await until(async () => (await fetch(`${url}/api/BrandNew.json`)).status === 404, 'it is gone', 60_000)
  shards = (await until(() => builds(output())[before], 'a line about that build')).all
})

test('another start takes everything from the cache; it fits on a small screen, and has its menu there', async t => {
  rmSync(copy.at('out'), { recursive: true })
  const { url, output } = await start(t)
  const [warm] = builds(output())
  t.ok(shards > 10)
  t.strictSame(warm, { built: 0, all: shards })

  const tab = await page(t, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const failures: string[] = []
  tab.on('response', response => { if (response.status() >= 400) failures.push(response.url()) })
  tab.on('pageerror', error => failures.push(error.message))
  for (const path of ['/', '/options', '/api/LiveReloadOptions', '/api/ServerMessage', '/tags/', '/tags/builds', '/0.1.0/']) {
    await tab.goto(url + path)
    t.equal(await tab.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)'), 360, path)
  }
  await tab.locator('.menu').click()
  await tab.locator('.parts a', { hasText: 'API' }).click()
  await tab.waitForURL('**/api/LiveReloadOptions')
  await tab.locator('.search input').fill('no such thing anywhere')
  await tab.locator('#results', { hasText: 'Nothing found.' }).waitFor()
  t.strictSame(failures, [])
})

test('the command line builds the same site, in one shard and without the cache', async t => {
  const { NODE_OPTIONS, ...env } = process.env
  const { bin } = JSON.parse(readFileSync(example('../package.json'), 'utf8')) as { bin: Record<string, string> }
  const argv = [example(`../${bin['fastify-live-reload']}`), 'build', '--config', example('docs-site/live-reload.config.js'), '--shards', 'off', '--cache', 'off']
  const printed = execFileSync(process.execPath, argv, { env: { ...env, DOCS_ROOT: copy.path, OUT_DIR: copy.at('other'), CACHE_DIR: copy.at('cache') }, encoding: 'utf8', timeout: 60_000 })
  t.match(printed, 'docs')
  t.strictSame(contents(copy.at('other')), contents(copy.at('out')), 'as the server has built it by and by')
})

function contents (dir: string): Record<string, string> {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(path => statSync(join(dir, path)).isFile())
  return Object.fromEntries(paths.sort().map(path => [path, readFileSync(join(dir, path), 'latin1')]))
}
