// `app.close()` at the worst moment: many connections, half of them frozen, a build that does not end, and a scrape.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'

const CONNECTIONS = times(40, 1000)

/** A raw connection that has been greeted; every other one reads nothing from then on. */
async function open (port: number, i: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  socket.write([`GET /__live/${i % 4 < 2 ? 'socket' : 'events'} HTTP/1.1`, 'Host: localhost', ...i % 4 < 2 ? upgrade : [], '', ''].join('\r\n'))
  let text = ''
  socket.on('data', chunk => { text += String(chunk) })
  await until(() => text.includes('"epoch"'), 'hello')
  if (i % 2 === 0) socket.pause()
  return socket
}

test(`app.close() with ${CONNECTIONS} connections, a running build and a scrape ends within 5 s`, async t => {
  const f = folder(t, { 'src/a.txt': '', 'public/a.html': '' })
  let [runs, aborted] = [0, false]
  const { app, port, request } = await startApp(t, {
    root: f.at('public'),
    metrics: true,
    security: { maxConnections: CONNECTIONS },
    build: {
      name: 'endless',
      source: f.at('src'),
      builder: (_request, { signal }) => {
        if (++runs === 1) return
        signal.addEventListener('abort', () => { aborted = true })
        return new Promise(() => {})
      }
    }
  })
  const sockets: Socket[] = []
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  for (let i = 0; i < CONNECTIONS; i++) sockets.push(await open(port, i))
  t.equal(app.liveReload.clients, CONNECTIONS)
  f.write('src/a.txt', 'changed')
  await until(() => runs === 2, 'the build runs')
  const scrape = request('/__live/metrics').then(({ status }) => status, () => 'cut')
  const closed = new Promise<string>((resolve, reject) => { app.server.once('request', () => { app.close().then(() => resolve('closed'), reject) }) })
  const tooLate = new Promise<string>(resolve => { setTimeout(() => resolve('not within 5 s'), 5000).unref() })
  t.equal(await Promise.race([closed, tooLate]), 'closed')
  t.ok([200, 503, 'cut'].includes(await scrape), 'the scrape ends, too')
  t.ok(aborted, 'the build was told')
  t.equal(app.liveReload.clients, 0)
  await Promise.all(sockets.filter((_, i) => i % 2 === 1).map(async socket => { if (!socket.closed) await once(socket, 'close') }))
})
