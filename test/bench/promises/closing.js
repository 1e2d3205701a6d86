// How long `app.close()` takes while clients are connected: half of them read nothing any more, and never answer.
import { once } from 'node:events'
import { request } from 'node:http'
import { WebSocket } from 'ws'
import { start } from '../children.js'

const MANY = 100

/** @param {import('../index.js').Run} run */
export async function closing ({ folders, quick }) {
  const rows = []
  for (const [name, connect] of [['sockets', openSocket], ['streams', openStream]]) {
    const values = []
    for (let round = 0; round < (quick ? 1 : 4); round++) {
      const server = await start('live', folders.make({ 'page.html': '<!doctype html><title>page</title>' }), {}, 'promises/server.js')
      const clients = await Promise.all(Array.from({ length: MANY }, () => connect(server)))
      for (const { freeze } of clients.slice(MANY / 2)) freeze()
      // Something that they do not read.
      const told = server.hear('reload')
      server.child.send({ verb: 'reload' })
      await told
      const closed = server.hear('close')
      server.child.send({ verb: 'close' })
      values.push((await closed).ms)
      for (const { end } of clients) end()
      await server.stop()
    }
    rows.push({ promise: `app.close() with ${MANY} ${name}, half of them frozen`, bound: '1,500 ms', most: 1500, values })
  }
  return rows
}

async function openSocket ({ socket: address }) {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  socket.on('error', () => {})
  await once(socket, 'message')
  return { freeze: () => socket.pause(), end: () => socket.terminate() }
}

async function openStream ({ stream }) {
  const asked = request(stream, { agent: false, headers: { accept: 'text/event-stream' } })
  asked.on('error', () => {}).end()
  const [answer] = await once(asked, 'response')
  answer.on('error', () => {}).resume()
  await once(answer, 'data')
  return { freeze: () => answer.pause(), end: () => asked.destroy() }
}
