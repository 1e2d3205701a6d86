// Proxies: nginx and Caddy as people run them, with a configuration of theirs, and a plain one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { systemProgram } from '../setup/system-program.js'
import { folder } from './folder.js'
import { until } from './wait.js'

const listens = (port: number) => new Promise<boolean>(resolve => {
  const socket = connect(port, '127.0.0.1', () => resolve(true))
  socket.on('error', () => resolve(false))
  socket.on('close', () => resolve(false))
  socket.on('connect', () => socket.destroy())
})

async function start (t: Test, port: number, program: string, args: readonly string[], signal: NodeJS.Signals, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  child.stderr.on('data', text => { output += String(text) })
  t.teardown(async () => {
    if (!t.passing()) t.comment(output)
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  })
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${output}`)
    return listens(port)
  }, `${program} on port ${port}`)
}

/** `server` and `map` blocks that listen on the port; `files` stand beside them. */
export async function nginx (t: Test, port: number, config: string, files: Record<string, string> = {}): Promise<void> {
  const program = systemProgram('nginx')
  const { path, write } = folder(t, files)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${name};`).join('\n')
  write('nginx.conf', `
daemon off;
pid nginx.pid;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http {
access_log off;
${temporary}
${config}
}`)
  await start(t, port, program, ['-p', path, '-c', `${path}/nginx.conf`, '-e', 'stderr'], 'SIGTERM')
}

/** Sites that listen on the port. */
export async function caddy (t: Test, port: number, config: string): Promise<void> {
  const program = systemProgram('caddy')
  const { path, write } = folder(t)
  const file = write('Caddyfile', `{\n\tadmin off\n\tauto_https off\n}\n${config}`)
  // Asked to end it would wait for open streams. What it keeps goes with the folder.
  await start(t, port, program, ['run', '--config', file, '--adapter', 'caddyfile'], 'SIGKILL', { XDG_CONFIG_HOME: path, XDG_DATA_HOME: path })
}

/** A proxy as many are: a Host of its own, and upgrades are not passed on. */
export async function plainProxy (t: Test, port: number, swallow = false): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    const { connection: _, upgrade: __, ...headers } = incoming.headers
    const asked = request({ port, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: { ...headers, host: 'localhost:1' } }, answer => {
      outgoing.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(outgoing)
    })
    asked.on('error', () => outgoing.destroy())
    outgoing.on('close', () => asked.destroy())
    incoming.pipe(asked)
  })
  const held: { destroy (): void }[] = []
  if (swallow) server.on('upgrade', (_request, socket) => { held.push(socket) })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of held) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
