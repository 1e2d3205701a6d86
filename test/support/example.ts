// An example as a person runs it: a process of its own, known by what it prints.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { resolveProgram } from '../../lib/builds/processes/resolve.js'
import { type Folder, folder } from './folder.js'
import { until } from './wait.js'

export const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))

export interface Running {
  readonly url: string
  readonly pid: number
  readonly output: () => string
}

/** Starts `node ...args` and settles when it has printed its address. */
export function run (t: Test, args: readonly string[], env: Record<string, string>, cwd = process.cwd(), address = /https?:\/\/[\w.]+:\d+/): Promise<Running> {
  return start(t, [process.execPath, ...args], { env, cwd, address, isGroup: false })
}

/** The same for a program of `node_modules/.bin`, node or npm. What it starts itself ends with the test. */
export function runProgram (t: Test, [program = '', ...args]: readonly string[], env: Record<string, string>, cwd: string): Promise<Running> {
  const own = program === 'node' ? [process.execPath] : [process.execPath, join(cwd, 'node_modules/.bin', program)]
  return start(t, program === 'npm' ? resolveProgram(['npm', ...args], process.env) : [...own, ...args], { env, cwd, address: /https?:\/\/[\w.]+:\d+/, isGroup: process.platform !== 'win32' })
}

interface Start {
  readonly env: Record<string, string>
  readonly cwd: string
  readonly address: RegExp
  /** It leads a process group, which is killed at the end. */
  readonly isGroup: boolean
}

async function start (t: Test, [program = '', ...args]: readonly string[], { env, cwd, address, isGroup }: Start): Promise<Running> {
  // Not ours to measure, and nothing of the test's own loaders: the built package runs, as it does for people.
  const { NODE_OPTIONS, ...rest } = process.env
  // A build that gives way to the other tests would take a minute.
  const child = spawn(program, args, { cwd, detached: isGroup, env: { ...rest, NODE_ENV: 'development', LIVE_RELOAD_BUILD_PRIORITY: 'normal', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', text => { output += String(text) })
  child.stderr.on('data', text => { output += String(text) })
  t.teardown(async () => {
    if (!t.passing()) t.comment(output)
    await end(child)
    if (isGroup) killGroup(child.pid as number)
  })
  const url = await until(() => {
    if (child.exitCode !== null) throw new Error(`it ended:\n${output}`)
    return address.exec(output)?.[0]
  }, `an address in the output of ${args.join(' ')}`, 60_000)
  return { url, pid: child.pid as number, output: () => output }
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exit
  clearTimeout(force)
}

function killGroup (pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nothing of it is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** An app of these files, with the packages of this project that they name, all programs, and the project itself. Links to all packages would take longer than the app takes to start. */
export function writeExample (t: Test, files: Readonly<Record<string, string>>): Folder {
  const app = folder(t, files)
  mkdirSync(app.at('node_modules'))
  const text = Object.values(files).join('\n')
  for (const name of readdirSync(example('../node_modules')).filter(name => name === '.bin' || name === '@types' || text.includes(name))) {
    symlinkSync(example(`../node_modules/${name}`), app.at(`node_modules/${name}`), 'junction')
  }
  symlinkSync(example('..'), app.at('node_modules/fastify-live-reload'), 'junction')
  return app
}

/** A whole example in a folder of its own, with the packages it needs: its sources may be edited. */
export function copyExample (t: Test, name: string, packages: readonly string[]): Folder {
  const copy = folder(t)
  cpSync(example(name), copy.path, { recursive: true, filter: path => basename(path) !== 'dist' })
  copy.write('package.json', '{ "type": "module" }')
  mkdirSync(copy.at('node_modules'))
  symlinkSync(example('..'), copy.at('node_modules/fastify-live-reload'), 'junction')
  for (const one of packages) symlinkSync(example(`../node_modules/${one}`), copy.at(`node_modules/${one}`), 'junction')
  return copy
}

/** A port that nobody uses now. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
