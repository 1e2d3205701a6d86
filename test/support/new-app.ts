// A new app as a person takes it: made, installed, started, edited, and seen in Chromium. npm installs the library as it is packed, from a registry on this machine.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, type Test } from 'tap'
import { type Edit, seeEdits } from './edits.js'
import { run as runScript } from './example.js'
import { folder } from './folder.js'
import { startRegistry } from './registry.js'
import { run } from '../entries/cli/support.js'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const npm = await startRegistry(after)

/** The directory of a new app, installed by npm. */
export async function make (t: Test, ...flags: string[]): Promise<string> {
  const cwd = folder(t).path
  const { code, stdout, stderr } = await run({ cwd, env: npm }, 'new', 'my-app', '--json', ...flags)
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), { name: 'my-app', directory: join(cwd, 'my-app'), installed: !flags.includes('--no-install') })
  t.strictSame(readdirSync(cwd), ['my-app'], 'nothing else is left')
  return join(cwd, 'my-app')
}

/** The same with the packages of this project, which takes no time: another language of a blueprint that was installed. */
export async function makeLinked (t: Test, ...flags: string[]): Promise<string> {
  const app = await make(t, '--no-install', ...flags)
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  for (const name of ['.bin', ...Object.keys({ ...dependencies, ...devDependencies })]) {
    const path = join(app, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(name === 'fastify-live-reload' ? ROOT : join(ROOT, 'node_modules', name), path, 'junction')
  }
  return app
}

/** The built package runs, as it does for people. */
export function withoutLoaders (): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...env } = process.env
  return env
}

/** `npm run` as a person types it. */
export function script (t: Test, cwd: string, name: string): void {
  const { status, stdout, stderr } = spawnSync('npm', ['run', name], { cwd, env: withoutLoaders(), encoding: 'utf8', timeout: 60_000 })
  t.equal(status, 0, `npm run ${name}: ${stdout}${stderr}`)
}

/** Starts what `npm run <name>` runs. Without npm, which would not pass the end of the test on to what it runs. */
export async function start (t: Test, cwd: string, name: string, env: Record<string, string> = {}): Promise<string> {
  const [program, ...args] = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts[name].split(' ')
  t.equal(program, 'node')
  const { url } = await runScript(t, args, { PORT: '0', BROWSER: 'none', ...env }, cwd, /(?<=the app is at )https?:\/\/[\w.]+:\d+/)
  return url
}

/** What `npm run dev` runs, a tab, edits, and the tab with each. */
export async function seeReload (t: Test, cwd: string, ...edits: readonly Edit[]): Promise<void> {
  await seeEdits(t, cwd, await start(t, cwd, 'dev'), ...edits)
}
