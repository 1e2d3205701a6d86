// Blueprints as a person takes them: made, installed, started, edited, and seen to reload in Chromium.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { test } from 'tap'
import { parse } from 'yaml'
import { type Edit, seeEdits } from '../support/edits.js'
import { freePort, run } from '../support/example.js'
import { folder } from '../support/folder.js'
import { NAVIGATION, request } from '../support/http.js'
import { make, makeLinked, ROOT, script, seeReload, start, withoutLoaders } from '../support/new-app.js'
import { caddy } from '../support/proxy.js'

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

const FULL: readonly Edit[] = [
  { file: 'views/index.eta', from: 'and save it', to: 'and see it' },
  { file: 'public/style.css', from: 'max-width: 40rem', to: 'max-width: 99px', shows: tab => tab.waitForFunction(() => getComputedStyle(document.body).maxWidth === '99px'), inPlace: true },
  { file: 'views/layout.eta', from: '<main>', to: '<p>around all pages</p><main>', shows: tab => tab.getByText('around all pages').waitFor() },
  { file: 'public/clock.js', from: 'event.data', to: '"at " + event.data', shows: tab => tab.getByText(/^at \d\d:\d\d:\d\d$/).waitFor() }
]

test('full: templates, sockets, and its own tests', async t => {
  const app = await make(t, '--blueprint', 'full')
  script(t, app, 'types')
  script(t, app, 'test')
  await seeReload(t, app, ...FULL)
})

test('full, with HTTPS', async t => {
  const app = await makeLinked(t, '--blueprint', 'full')
  const url = await start(t, app, 'dev:https', { CAROOT: folder(t).path })
  t.match(url, /^https:/)
  await seeEdits(t, app, url, ...FULL)
})

test('full, in containers: both files are valid, and what they start runs behind its Caddy', async t => {
  const app = await makeLinked(t, '--blueprint', 'full')
  const read = (file: string) => readFileSync(join(app, file), 'utf8')
  const dockerfile = read('Dockerfile')
  t.strictSame(validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`), [])
  const { services } = parse(read('compose.yaml'))
  t.strictSame(Object.keys(services), ['app', 'caddy'])
  t.match(dockerfile, `FROM base AS ${services.app.build.target}\n`)
  for (const [stage, NODE_ENV, hasClient] of [['development', 'development', true], ['production', 'production', false]] as const) {
    const [, command = ''] = new RegExp(`AS ${stage}\\n[\\s\\S]*?^CMD (.*)$`, 'm').exec(dockerfile) ?? []
    const [port, near] = [await freePort(), await freePort()]
    await run(t, (JSON.parse(command) as string[]).slice(1), { NODE_ENV, HOST: '127.0.0.1', PORT: String(port) }, app, /the app is at \S+/)
    await caddy(t, near, read('Caddyfile').replace('localhost {', `http://localhost:${near} {`).replace('app:3000', `127.0.0.1:${port}`))
    const { status, text } = await request(near, '/', { headers: NAVIGATION })
    t.equal(status, 200)
    t.equal(text.includes('/__live/client.js'), hasClient, stage)
    t.equal((await request(near, '/health')).status, 200)
  }
})
