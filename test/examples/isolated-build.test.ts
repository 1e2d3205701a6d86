// Markdown built in a child process: an edit shows, and what goes wrong anywhere on the way is told, while the pages stay.
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { copyExample, run } from '../support/example.js'
import { isOpen, visit } from '../support/overlay.js'
import { until } from '../support/wait.js'

const site = async (t: Parameters<typeof run>[0]) => {
  const copy = copyExample(t, 'isolated-build', ['fastify', 'markdown-it'])
  return { copy, read: (name: string) => readFileSync(copy.at(name), 'utf8'), ...await run(t, [copy.at('server.js')], { PORT: '0' }, copy.path) }
}

test('an edit shows, built by another process', async t => {
  const { copy, read, url, output } = await site(t)
  const tab = await page(t)
  await visit(tab, `${url}/tides`)
  copy.write('pages/tides.md', read('pages/tides.md').replace('# Tides', '# High water'))
  await tab.locator('main h1', { hasText: 'High water' }).waitFor()
  await isOpen(tab)
  t.equal(await tab.evaluate('__liveReload.metrics.reloads'), 1, 'reloaded once')

  const pids = () => [...output().matchAll(/by process (\d+)/g)].map(match => match[1])
  await until(() => pids().length === 2, 'two builds')
  const server = /, process (\d+) - edit/.exec(output())?.[1]
  t.notOk(pids().includes(server), 'none of them in the server')

  copy.write('pages/tides.md', `${read('pages/tides.md')}\n${'The sea comes and goes. '.repeat(1000)}\n`)
  await until(() => /after hook weigh: tides\.html has 2\d kB/.test(output()), 'the warning of the after hook')
  await tab.locator('main p', { hasText: 'The sea comes and goes.' }).waitFor()
  t.pass('a failing after hook is a warning, and the page is shown')
})

test('what goes wrong is shown, and the pages stay', async t => {
  const { copy, read, url } = await site(t)
  const tab = await page(t)
  const overlay = await visit(tab, url)
  await tab.evaluate('window.marker = "mine"')
  const heading = await tab.locator('main h1').innerText()

  const cases: [what: string, file: string, edit: [from: string, to: string], message: RegExp, place: RegExp][] = [
    ['a before hook that fails', 'pages/tides.md', ['two** bulges', 'TBD** bulges'], /^before hook: this page is not finished$/, /^pages\/tides\.md:3:\d+$/],
    ['a build that throws', 'pages/lichen.md', ['# Lichen', 'Lichen'], /^lichen\.md has no heading/, /^build\.js:\d+:\d+$/],
    ['a build that gives a problem', 'pages/index.md', ['tides.html', 'nothing.html'], /^there is no page nothing\.md to link to$/, /^pages\/index\.md:7:11$/],
    ['a build that ends its process', 'build.js', ['signal.throwIfAborted()', 'process.exit(3)'], /3/, /^$/]
  ]
  for (const [what, file, [from, to], message, place] of cases) {
    const good = read(file)
    copy.write(file, good.replace(from, to))
    // The module of the build is no page: the next save of one builds with it.
    if (file === 'build.js') copy.write('pages/style.css', `${read('pages/style.css')}\n`)
    await overlay.opened()
    t.match(await overlay.text('.message'), message, what)
    t.match(await overlay.text('.place'), place, `${what}: the place`)
    t.strictSame([await tab.evaluate('window.marker'), await tab.locator('main h1').innerText()], ['mine', heading], 'the page is untouched')
    t.equal((await fetch(`${url}/tides`)).status, 200, 'and so are the others')
    copy.write(file, good)
    if (file === 'build.js') copy.write('pages/style.css', `${read('pages/style.css')}\n`)
    await overlay.closed()
  }
})

test('it looks right: small and large, light and dark', async t => {
  const { url } = await site(t)
  const small = await page(t, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  for (const name of ['', 'tides', 'lichen']) {
    await visit(small, `${url}/${name}`)
    t.equal(await small.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)'), 360, `/${name} fits on 360 pixels`)
  }
  const large = await page(t, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  await visit(large, url)
  const background = (of: typeof small) => of.evaluate('getComputedStyle(document.body).backgroundColor')
  t.not(await background(large), await background(small), 'light is not dark')
})
