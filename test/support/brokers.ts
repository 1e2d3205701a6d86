// Redis and PostgreSQL of the system, each by itself. They keep no test alive: `after()` closes them.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from './example.js'
import { until } from './wait.js'

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** A command of the tests. */
  ask (command: string, ...args: (string | number)[]): Promise<unknown>
  signal (name: NodeJS.Signals): void
  /** Ends it as a crash does. */
  kill (): Promise<void>
  /** At the same port, with nothing in it. */
  restart (): Promise<void>
  close (): Promise<void>
}

export async function startRedis (...more: string[]): Promise<RedisServer> {
  const program = find('redis-server')
  const port = await freePort()
  const password = more[more.indexOf('--requirepass') + 1] ?? ''
  const hasPassword = more.includes('--requirepass')
  const client = new Redis({ port, ...hasPassword && { password }, lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 20 })
  client.on('error', () => {})
  client.on('connect', () => { client.stream.unref() })
  let child: ChildProcess
  const start = async () => {
    child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more], { stdio: 'ignore' })
    child.unref()
    await alive(until(() => client.ping().catch(() => ''), 'redis-server answers'))
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    ask: (command, ...args) => alive(client.call(command, ...args)),
    signal: name => { child.kill(name) },
    kill,
    restart: async () => {
      await kill()
      await start()
    },
    close: async () => {
      client.disconnect()
      await kill()
    }
  }
}

/** Nothing else may keep the test alive meanwhile. */
async function alive<T> (work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1_000)
  return await work.finally(() => clearInterval(timer))
}

export interface PostgresServer {
  readonly url: string
  close (): Promise<void>
}

/** `dir`: empty. */
export async function startPostgres (dir: string): Promise<PostgresServer> {
  const [initdb, program] = [find('initdb'), find('postgres')]
  const port = await freePort()
  const data = join(dir, 'postgres')
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
  mkdirSync(data, { mode: 0o700 })
  if (isRoot) {
    chownSync(data, NOBODY, NOBODY)
    chmodSync(dir, 0o755)
  }
  execFileSync(initdb, ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync', '--locale=C', '-E', 'UTF8'], { ...user, stdio: 'ignore', cwd: data })
  const child = spawn(program, ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data, '-c', 'fsync=off'], { ...user, stdio: ['ignore', 'ignore', 'pipe'], cwd: data })
  let said = ''
  child.stderr.on('data', text => { said += text })
  await until(() => said.includes('ready to accept connections'), 'postgres is ready')
  child.unref()
  Reflect.get(child.stderr, 'unref').call(child.stderr)
  return {
    url: `postgres://tester@127.0.0.1:${port}/postgres`,
    close: async () => {
      child.ref()
      const ended = once(child, 'exit')
      // At once, without waiting for clients.
      child.kill('SIGQUIT')
      await ended
    }
  }
}

function find (name: string): string {
  const versions = '/usr/lib/postgresql'
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...existsSync(versions) ? readdirSync(versions).map(version => join(versions, version, 'bin')) : []]
  const found = folders.map(folder => join(folder, name)).find(path => existsSync(path))
  if (found === undefined) throw new Error(`${name} is not installed: run scripts/install-system-programs.sh`)
  return found
}
