// A server that is told to end, once or twice, and one whose output nobody reads any more.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test, type Test } from 'tap'
import { WebSocket } from 'ws'
import { type Folder, folder } from '../support/folder.js'
import { running } from '../support/processes.js'
import { until } from '../support/wait.js'

const SERVER = fileURLToPath(new URL('signals-server.js', import.meta.url))
const FILES = { 'src/page.txt': 'save 0', 'out/index.html': '' }

/** The built package, as an app has it: a process that needs no loaders. */
function start (t: Test, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(args[0] as string, args.slice(1), { ...options, env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'development' } })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function find (here: Folder): Promise<{ pid: number, port: number }> {
  await until(() => existsSync(here.at('server.json')), 'it listens', 60_000)
  return JSON.parse(readFileSync(here.at('server.json'), 'utf8'))
}

/** What a tab is told. */
async function tab (t: Test, port: number): Promise<string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/__live/socket`)
  const got: string[] = []
  socket.on('message', data => got.push((JSON.parse(String(data)) as { type: string }).type)).on('error', () => {})
  t.teardown(() => socket.terminate())
  await until(() => got[0] === 'hello', 'hello')
  return got
}

/** Nobody is left that has this folder in its command line. */
const nobody = (here: Folder) => until(() => process.platform !== 'linux' || running(here.path).length === 0, 'neither the server nor its build')

const cases: [name: string, first: NodeJS.Signals, slow: boolean, code: number | null, signal: NodeJS.Signals | null][] = [
  ['SIGTERM', 'SIGTERM', false, 0, null],
  ['SIGHUP', 'SIGHUP', false, 0, null],
  ['SIGINT twice, because the app never closes', 'SIGINT', true, null, 'SIGINT']
]

// Each waits for a process most of the time.
test('SIGTERM, SIGHUP and a second SIGINT end the server with its build, a closed pipe does not', { jobs: 2, skip: process.platform === 'win32' && 'no signals on Windows' }, t => {
  for (const [name, first, slow, code, signal] of cases) {
    t.test(`${name}, while a build is deaf`, async t => {
      const here = folder(t, FILES)
      const server = start(t, [process.execPath, SERVER, here.path, `trap "" TERM INT HUP; touch '${here.at('begun')}'; while :; do sleep 1; done`, ...slow ? ['slow'] : []], { stdio: 'ignore' })
      const ended = once(server, 'exit')
      const got = await tab(t, (await find(here)).port)
      await until(() => existsSync(here.at('begun')), 'the build')
      server.kill(first)
      await until(() => got.at(-1) === 'closing', 'the first one is heeded: tabs are told')
      if (slow) {
        t.equal(server.exitCode ?? server.signalCode, null, 'it has not ended')
        server.kill(first)
      }
      t.same(await ended, [code, signal])
      await nobody(here)
    })
  }

  for (const [name, both] of [['output', ''], ['output and errors', '2>&1']] as const) {
    t.test(`its ${name} piped into head -1: it goes on`, async t => {
      const here = folder(t, FILES)
      const shell = start(t, ['sh', '-c', `"$0" "$@" ${both} | { head -n 1; echo gone; }`, process.execPath, SERVER, here.path, 'printf "<p>%s" "$(cat src/page.txt)" > out/index.html'], { stdio: ['ignore', 'pipe', 'ignore'] })
      let output = ''
      shell.stdout?.on('data', text => { output += String(text) })
      const ended = once(shell, 'exit')
      const { pid, port } = await find(here)
      t.teardown(() => { try { process.kill(pid, 'SIGKILL') } catch {} })
      await until(() => output.endsWith('gone\n'), 'nobody reads any more')
      const got = await tab(t, port)
      for (let save = 1; save <= 3; save++) {
        const reloads = () => got.filter(type => type === 'reload').length
        const before = reloads()
        here.write('src/page.txt', `save ${save}`)
        // A reply is ended when its file is being written.
        await until(() => fetch(`http://127.0.0.1:${port}/`).then(async reply => await reply.text() === `<p>save ${save}`, () => false), 'built, and logged')
        await until(() => reloads() > before, 'told')
      }
      t.equal(output.split('\n').length, 3, 'one line, and what came after it')
      t.match(JSON.parse(output.split('\n')[0] as string), { level: 30 })
      process.kill(pid, 'SIGTERM')
      await ended
      t.equal(got.at(-1), 'closing', 'and it ends cleanly')
      await nobody(here)
    })
  }
  t.end()
})
