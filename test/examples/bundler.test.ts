// A mistake in a source of the esbuild example, seen in two tabs, opened in an editor, and mended.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { copyExample, run } from '../support/example.js'
import { isOpen, visit } from '../support/overlay.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'

// Arguments end with a byte that no argument holds.
const EDITOR = '#!/bin/sh\nprintf "%s\\0" "$@" > "$(dirname "$0")/argv.part" && mv "$(dirname "$0")/argv.part" "$(dirname "$0")/argv"\n'
const MISTAKE = '  const scaled = = chroma'

test('a mistake, two tabs, an editor, and the mended page', onPosix, async t => {
  const copy = copyExample(t, 'bundler', ['fastify'])
  mkdirSync(copy.at('bin'))
  writeFileSync(copy.at('bin/code'), EDITOR, { mode: 0o755 })
  const good = readFileSync(copy.at('src/palette.ts'), 'utf8')
  const rows = good.split('\n')
  const at = rows.findIndex(row => row.includes('const scaled ='))
  const bad = rows.with(at, MISTAKE).join('\n')
  const column = MISTAKE.lastIndexOf('=') + 1
  const { url } = await run(t, [copy.at('server.js')], { PORT: '0', LAUNCH_EDITOR: copy.at('bin/code') }, copy.path)

  const first = await page(t)
  const overlay = await visit(first, url)
  const count = () => first.locator('#swatches li').count()
  t.equal(await count(), 11, 'the page is there')
  await first.locator('[name=hue]').fill('20')
  await first.evaluate('window.marker = "mine"; scrollTo(0, 40)')
  const behind = () => first.evaluate('[window.marker, document.querySelector("[name=hue]").value, document.querySelector("main").innerHTML]')
  const before = await behind()

  const saved = performance.now()
  copy.write('src/palette.ts', bad)
  await overlay.opened()
  t.comment(`overlay ${Math.round(performance.now() - saved)} ms after the save`)
  t.equal(await overlay.text('.message'), 'Unexpected "="')
  t.equal(await overlay.text('.origin'), 'bundle')
  t.equal(await overlay.text('.place'), `src/palette.ts:${at + 1}:${column}`)
  t.match(await overlay.text('.hit'), MISTAKE.trim(), 'the line is marked')
  for (const row of [at - 1, at + 1]) t.ok((await overlay.text('.frame')).includes((rows[row] as string).trim()), `with the line around it: ${row + 1}`)
  t.strictSame(await behind(), before, 'the page behind it is untouched')
  t.equal((await fetch(`${url}/assets/main.js`)).status, 200, 'what was built last is served')

  const second = await page(t)
  const late = await visit(second, url)
  await late.opened()
  t.equal(await late.text('.place'), `src/palette.ts:${at + 1}:${column}`, 'a tab that opens now shows it too')
  t.equal(await second.locator('#swatches li').count(), 11, 'over a page that works')

  await late.click('.place')
  await until(() => existsSync(copy.at('bin/argv')), 'the editor')
  t.strictSame(readFileSync(copy.at('bin/argv'), 'utf8').split('\0'), ['-r', '-g', `${copy.at('src/palette.ts')}:${at + 1}:${column}`, ''], 'the editor gets the place, and nothing else')

  copy.write('src/palette.ts', good.replace('[950, 0.24]', '[950, 0.24], [999, 0.1]'))
  for (const [tab, shown] of [[first, overlay], [second, late]] as const) {
    await tab.locator('#swatches button', { hasText: '999' }).waitFor()
    await isOpen(tab)
    await shown.closed()
  }
  t.equal(await first.evaluate('window.marker'), undefined, 'that is a new page')
  t.equal(await first.evaluate('__liveReload.metrics.reloads'), 1, 'reloaded once')
})

test('mistakes of every kind have a place', async t => {
  const copy = copyExample(t, 'bundler', ['fastify'])
  const { url } = await run(t, [copy.at('server.js')], { PORT: '0' }, copy.path)
  const tab = await page(t)
  const overlay = await visit(tab, url)
  const cases: [file: string, line: string, message: RegExp][] = [
    ['src/main.ts', "import './nothing'", /Could not resolve "\.\/nothing"/],
    ['src/style.css', "@import './nothing.css';", /Could not resolve "\.\/nothing\.css"/]
  ]
  for (const [file, line, message] of cases) {
    const good = readFileSync(copy.at(file), 'utf8')
    copy.write(file, `${line}\n${good}`)
    await overlay.opened()
    t.match(await overlay.text('.message'), message)
    t.match(await overlay.text('.place'), new RegExp(`^${file.replaceAll('.', '\\.')}:1:\\d+$`))
    t.ok((await overlay.text('.hit')).includes(line), 'the line is shown')
    copy.write(file, good)
    await overlay.closed()
  }
})

test('it looks right: small and large, light and dark', async t => {
  const copy = copyExample(t, 'bundler', ['fastify'])
  const { url } = await run(t, [copy.at('server.js')], { PORT: '0' }, copy.path)
  const small = await page(t, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const overlay = await visit(small, url)
  const fits = () => small.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)')
  t.equal(await fits(), 360, 'it fits on 360 pixels')
  const large = await page(t, { viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  await visit(large, url)
  const background = (of: typeof small) => of.evaluate('getComputedStyle(document.body).backgroundColor')
  t.not(await background(large), await background(small), 'light is not dark')

  copy.write('src/palette.ts', readFileSync(copy.at('src/palette.ts'), 'utf8').replace('const scaled =', 'const scaled = ='))
  await overlay.opened()
  t.equal(await fits(), 360, 'and so does the overlay')
})
