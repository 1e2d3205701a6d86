// Starts contestants and crowds as processes of their own, and ends them.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { now } from './measure.js'

/** @typedef {{ at: number, cpu: number, rss: number, heap: number }} Usage */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
export function launch (file, args) {
  // A profile of a contestant, when asked for: LIVE_RELOAD_PROFILE=directory.
  const profile = process.env.LIVE_RELOAD_PROFILE
  const execArgv = ['--expose-gc', ...profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}/${args[0]}`] : []]
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv, env: { ...process.env, NODE_ENV: 'development' } })
  running.add(child)
  child.on('exit', () => running.delete(child))

  return {
    child,
    /**
     * The next message of this type.
     * @param {string} type
     * @returns {Promise<any>}
     */
    hear (type) {
      return new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`${file} ${args.join(' ')} ended`))
        const heard = message => {
          if (message.type !== type) return
          child.off('message', heard).off('exit', ended)
          resolve(message)
        }
        child.on('message', heard).once('exit', ended)
      })
    },
    async stop () {
      if (!child.connected) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}

/**
 * A contestant that answers and watches.
 * @param {string} name
 * @param {string} root
 * @param {object} options of the plugin
 * @param {string} file
 */
export async function start (name, root, options = {}, file = 'contestant.js') {
  const began = now()
  const { child, hear, stop } = launch(file, [name, JSON.stringify({ root, options })])
  const [answering, watching] = await Promise.all([hear('answering'), hear('watching')])
  return {
    name,
    root,
    child,
    hear,
    stop,
    /** @type {string} */
    url: answering.url,
    /** @type {string} */
    socket: answering.socket ?? `${answering.url.replace('http', 'ws')}/__live/socket`,
    /** @type {string} */
    stream: `${answering.url}/__live/events`,
    /** Milliseconds since its process was started. */
    answering: answering.at - began,
    watching: watching.at - began,
    /**
     * What the process has used so far, and holds now: after collecting garbage, if asked.
     * @param {'usage' | 'collect'} how
     * @returns {Promise<Usage>}
     */
    async usage (how = 'usage') {
      const heard = hear('usage')
      child.send(how)
      return await heard
    }
  }
}

/** @typedef {Awaited<ReturnType<typeof start>>} Contestant */

/**
 * A client that knows nothing but the wire: calls `told` with the time of every reload message.
 * @param {string} address
 * @param {(at: number) => void} told
 * @param {{ protocol?: string, greeting?: string }} peer what a peer's server asks of its clients
 */
export async function listen (address, told, { protocol, greeting } = {}) {
  const socket = new WebSocket(address, protocol, { perMessageDeflate: false })
  socket.on('message', data => {
    const at = now()
    // `"type":"reload"` of ours, `"type":"full-reload"` of Vite, `"command":"reload"` of livereload.
    if (/reload"/.test(String(data))) told(at)
  })
  await once(socket, 'open')
  if (greeting) socket.send(greeting)
  return () => socket.terminate()
}

/**
 * The same over a stream.
 * @param {string} address
 * @param {(at: number) => void} told
 */
export async function listenStream (address, told) {
  const asked = request(address, { agent: false, headers: { accept: 'text/event-stream' } })
  asked.on('error', () => {})
  asked.end()
  const [answer] = await once(asked, 'response')
  answer.on('error', () => {})
  answer.on('data', data => {
    const at = now()
    if (String(data).includes('event: reload')) told(at)
  })
  return () => asked.destroy()
}
