// Many clients, half of them sockets and half of them streams: how many of them have heard of the newest change.
import { once } from 'node:events'
import { request } from 'node:http'
import { WebSocket } from 'ws'

const [socket = '', stream = '', many = '0'] = process.argv.slice(2)
const heard = new Int32Array(Number(many))

const note = (client, text) => {
  for (const [, seq] of text.matchAll(/"seq":(\d+)/g)) heard[client] = Math.max(heard[client], Number(seq))
}

async function openSocket (client) {
  const opened = new WebSocket(socket, { perMessageDeflate: false })
  opened.on('message', data => note(client, String(data)))
  await once(opened, 'open')
}

async function openStream (client) {
  const asked = request(stream, { agent: false, headers: { accept: 'text/event-stream' } })
  asked.end()
  const [answer] = await once(asked, 'response')
  let rest = ''
  answer.on('data', data => {
    const events = (rest + data).split('\n\n')
    rest = events.pop()
    for (const event of events) note(client, event)
  })
}

await Promise.all(Array.from(heard, (_, client) => client % 2 === 0 ? openSocket(client) : openStream(client)))
process.send?.({ type: 'connected' })
process.on('message', () => {
  const newest = heard.reduce((most, seq) => Math.max(most, seq))
  process.send?.({ type: 'counted', same: heard.filter(seq => seq === newest).length })
})
process.on('disconnect', () => process.exit())
