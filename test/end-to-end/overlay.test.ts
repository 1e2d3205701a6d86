// A build broken by a save, seen in real Chromium with the plugin as users register it: overlay, late tab, editor, and good again.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import type { BuildResult, Diagnostic } from '../../types/build.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'

const GOOD = 'export const title: string = "one"\ndocument.title = title\n'
const BAD = 'export const title: string = "two"\ndocument.title = = title\n'
const EDITOR = '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/argv.part" && mv "$(dirname "$0")/argv.part" "$(dirname "$0")/argv"\n'
const KEEP = `
  const attach = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (options) { return (window.trees ??= {})[this.localName] = attach.call(this, options) }`

function ask<T> (tab: Page, expression: string): Promise<T> {
  return tab.evaluate<T>(`(find => ${expression})(selector => window.trees?.["live-reload-overlay"]?.querySelector(selector))`)
}
const opened = (tab: Page) => until(() => ask(tab, 'find("dialog")?.open ?? false'), 'the overlay')

test('broken, shown, opened in an editor, mended', onPosix, async t => {
  const { at, write } = folder(t, { 'src/app.ts': GOOD, 'public/index.html': '<!doctype html><html><head><meta charset="utf-8"><script type="module" src="/app.js"></script></head><body><h1>page</h1></body></html>' })
  mkdirSync(at('bin'))
  writeFileSync(at('bin/code'), EDITOR, { mode: 0o755 })
  const { url, app, lines } = await startApp(t, {
    root: at('public'),
    editor: at('bin/code'),
    build: {
      name: 'site',
      source: at('src'),
      async builder (): Promise<Partial<BuildResult>> {
        try {
          await build({ entryPoints: [at('src/app.ts')], outfile: at('public/app.js'), logLevel: 'silent' })
          return {}
        } catch (error) {
          const { errors } = error as { errors: { text: string, location: { line: number, column: number, lineText: string } | null }[] }
          return {
            ok: false,
            diagnostics: errors.map(({ text, location }): Diagnostic => ({
              severity: 'error',
              message: text,
              file: at('src/app.ts'),
              ...location && { line: location.line, column: location.column + 1, frame: `> ${location.line} | ${location.lineText}` }
            }))
          }
        }
      }
    }
  })
  const open = async () => {
    const tab = await page(t)
    await tab.addInitScript(KEEP)
    await tab.goto(url)
    await tab.waitForFunction('window.__liveReload?.state === "open"')
    return tab
  }
  const first = await open()
  await first.waitForFunction('document.title === "one"')
  const body = await first.evaluate('document.body.innerHTML')

  const saved = performance.now()
  write('src/app.ts', BAD)
  await opened(first)
  t.comment(`overlay ${Math.round(performance.now() - saved)} ms after the save`)
  t.equal(await ask(first, 'find(".message").textContent'), 'Unexpected "="')
  t.equal(await ask(first, 'find(".origin").textContent'), 'site')
  t.match(await ask(first, 'find(".place").textContent'), /src\/app\.ts:2:18$/)
  t.match(await ask(first, 'find(".hit").textContent'), /2 document\.title = = title/)
  t.same([await first.title(), await first.evaluate('document.body.innerHTML')], ['one', body], 'the page behind is untouched')

  const second = await open()
  await opened(second)
  t.equal(await ask(second, 'find(".message").textContent'), 'Unexpected "="', 'a tab that opens late shows it too')

  await ask(second, 'find(".place").click()')
  await until(() => ask(second, 'find(".status").textContent'), 'an answer')
  t.match(await ask(second, 'find(".status").textContent'), /opening/)
  await until(() => existsSync(at('bin/argv')), 'the editor', 3000).catch(error => { console.error(lines.join('')); throw error })
  t.same(readFileSync(at('bin/argv'), 'utf8').trimEnd().split('\n'), ['-r', '-g', `${at('src/app.ts')}:2:18`])
  t.match(await ask(second, 'find(".status").textContent'), /opening/)

  write('src/app.ts', GOOD.replace('one', 'three'))
  for (const tab of [first, second]) {
    await tab.waitForFunction('document.title === "three" && window.__liveReload?.state === "open"')
    t.equal(await ask(tab, 'find("dialog")?.open ?? false'), false)
  }
  t.match(app.liveReload.status(), { ok: true })
})

test('nothing is opened without the page\'s token, from elsewhere, or when it is switched off', async t => {
  const { at } = folder(t, { 'public/index.html': '<!doctype html><html><head></head><body></body></html>' })
  const { url, app } = await startApp(t, { root: at('public'), editor: at('bin/none') })
  const ask = (headers: Record<string, string>) => fetch(`${url}/__live/open`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"file":"/etc/passwd"}' }).then(({ status }) => status)
  const token = /data-token="([\w-]+)"/.exec(app.liveReload.tag())?.[1] ?? ''
  t.equal(await ask({}), 403)
  t.equal(await ask({ 'x-live-reload-token': token, origin: 'https://evil.test' }), 403)
  t.equal(await ask({ 'x-live-reload-token': token, 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await ask({ 'x-live-reload-token': token, 'content-type': 'text/plain' }), 415)
  t.equal(await ask({ 'x-live-reload-token': token }), 403, 'outside of the project')
  const off = await startApp(t, { root: at('public'), editor: false })
  t.equal((await fetch(`${off.url}/__live/open`, { method: 'POST' })).status, 404)
})
