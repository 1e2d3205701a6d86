// Blueprints as a person takes them: made, installed, started, edited, and seen to reload in Chromium.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { type Edit, make, makeLinked, ROOT, script, seeReload, withoutLoaders } from '../support/new-app.js'

const DOCS: readonly Edit[] = [
  { file: 'content/index.md', from: 'and save it', to: 'and see it' },
  { file: 'content/style.css', from: 'margin-right: 1rem', to: 'margin-right: 7px', shows: tab => tab.waitForFunction(() => getComputedStyle(document.querySelector('nav a') as Element).marginRight === '7px'), inPlace: true },
  { file: 'layout.html', from: '<main>', to: '<p>around all pages</p><main>', shows: tab => tab.getByText('around all pages').waitFor() }
]

test('docs: the site is built, then built again for an edit', async t => {
  const app = await make(t, '--blueprint', 'docs')
  await seeReload(t, app, ...DOCS)
  t.match(readFileSync(join(app, 'dist/guide/index.html'), 'utf8'), '<title>The guide · my-app</title>', 'a page of each file')
})

test('docs in TypeScript, also without a server', async t => {
  const app = await makeLinked(t, '--blueprint', 'docs', '--ts')
  script(t, app, 'types')
  // What the script `build` runs; a linked app has no program of its own.
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/lib/cli.js'), 'build'], { cwd: app, env: withoutLoaders(), encoding: 'utf8', timeout: 60_000 })
  t.equal(status, 0, `${stdout}${stderr}`)
  t.match(readFileSync(join(app, 'dist/index.html'), 'utf8'), '<a href="/guide/">guide</a>', 'a menu')
  await seeReload(t, app, ...DOCS)
})
