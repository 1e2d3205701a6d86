// Each blueprint as a person takes it: made, installed, started, edited, and seen to reload in Chromium. npm installs the library as it is packed, from a registry on this machine.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test, type Test } from 'tap'
import { page } from '../../../support/browser.js'
import { run as runScript } from '../../../support/example.js'
import { folder } from '../../../support/folder.js'
import { startRegistry } from '../../../support/registry.js'
import { until } from '../../../support/wait.js'
import type { LiveReloadClient } from '../../../../types/client.js'
import { run } from '../support.js'

declare global { interface Window { __liveReload?: LiveReloadClient, first?: LiveReloadClient | undefined } }

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const npm = await startRegistry(after)

/** The directory of a new app, installed by npm. */
async function make (t: Test, ...flags: string[]): Promise<string> {
  const cwd = folder(t).path
  const { code, stdout, stderr } = await run({ cwd, env: npm }, 'new', 'my-app', '--json', ...flags)
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), { name: 'my-app', directory: join(cwd, 'my-app'), installed: !flags.includes('--no-install') })
  t.strictSame(readdirSync(cwd), ['my-app'], 'nothing else is left')
  return join(cwd, 'my-app')
}

/** The same with the packages of this project, which takes no time: another language of a blueprint that was installed. */
async function makeLinked (t: Test, ...flags: string[]): Promise<string> {
  const app = await make(t, '--no-install', ...flags)
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  for (const name of ['.bin', ...Object.keys({ ...dependencies, ...devDependencies })]) {
    const path = join(app, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(name === 'fastify-live-reload' ? ROOT : join(ROOT, 'node_modules', name), path, 'junction')
  }
  return app
}

/** `npm run` as a person types it. */
function script (t: Test, cwd: string, name: string): void {
  const { NODE_OPTIONS, ...env } = process.env
  const { status, stdout, stderr } = spawnSync('npm', ['run', name], { cwd, env, encoding: 'utf8', timeout: 60_000 })
  t.equal(status, 0, `npm run ${name}: ${stdout}${stderr}`)
}

interface Edit { readonly file: string, readonly from: string, readonly to: string }

/** What `npm run dev` runs, a tab, an edit, and the tab with its text. Without npm, which would not pass the end of the test on to what it runs. */
async function seeReload (t: Test, cwd: string, { file, from, to }: Edit): Promise<void> {
  const [program, ...args] = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts.dev.split(' ')
  t.equal(program, 'node')
  const { url } = await runScript(t, args, { PORT: '0', BROWSER: 'none' }, cwd, /(?<=the app is at )https?:\/\/[\w.]+:\d+/)
  // An edit before that is part of what it starts with.
  await until(async () => (await fetch(`${url}/__live/health`)).ok, 'it watches, and has built')
  const tab = await page(t)
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.getByText(from).first().waitFor()
  await tab.evaluate(() => { window.first = window.__liveReload })
  const text = readFileSync(join(cwd, file), 'utf8')
  t.ok(text.includes(from), `${file} has ${from}`)
  writeFileSync(join(cwd, file), text.replace(from, to))
  await tab.getByText(to).first().waitFor()
  t.ok(await tab.evaluate(() => window.__liveReload !== window.first), 'the page was loaded again')
}

test('minimal', async t => {
  const app = await make(t)
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})

test('minimal in TypeScript', async t => {
  const app = await makeLinked(t, '--ts')
  script(t, app, 'types')
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})
