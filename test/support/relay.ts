// A wire between client and server that can go dead, be held up, or be cut, without either end being told.
import { createSocket, type RemoteInfo } from 'node:dgram'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export interface Relay {
  readonly port: number
  /** When somebody connected, or tried to while it was cut: `performance.now()`. */
  readonly tries: number[]
  /** Nothing passes any more, in either direction; both ends stay open. What was on the way is lost. */
  cut (): void
  /** The same, but what is on the way waits, as TCP makes it wait; nobody new gets through. */
  hold (): void
  /** Every connection breaks, new ones are refused. */
  sever (): void
  /** As good as new: what waited goes on. */
  mend (): void
  /** From now on each piece may arrive late by up to so many milliseconds, in order: what TCP makes of packets that are lost and sent again. */
  lose (ms: number): void
}

/** So many may connect at the same moment; more would try again after a second or three. */
const BACKLOG = 4096

export async function relay (t: { teardown (fn: () => unknown): void }, port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const tries: number[] = []
  let dead = false
  let closed = false
  let maxDelay = 0
  const server = createServer(near => {
    tries.push(performance.now())
    if (closed) return near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('error', () => {})
      let arrived = Promise.resolve()
      from.on('data', chunk => {
        if (maxDelay === 0) return dead || to.write(chunk)
        const late = pause(Math.random() * maxDelay)
        arrived = arrived.then(() => late).then(() => { if (!dead && !to.destroyed) to.write(chunk) })
      })
      from.on('close', () => {
        sockets.delete(from)
        if (!dead) to.destroy()
      })
    }
  })
  await new Promise<void>(resolve => { server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, resolve) })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    tries,
    cut () { dead = true },
    hold () {
      closed = true
      for (const socket of sockets) socket.pause()
    },
    sever () {
      closed = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    mend () {
      closed = false
      for (const socket of sockets) socket.resume()
    },
    lose (ms) { maxDelay = ms }
  }
}

/** The same for UDP, on the port of its own server for TCP or on any. */
export async function relayDatagrams (t: { teardown (fn: () => unknown): void }, to: number, port = 0): Promise<Pick<Relay, 'port' | 'cut' | 'mend'>> {
  const near = createSocket('udp4')
  const peers = new Map<number, ReturnType<typeof createSocket>>()
  let dead = false
  near.on('message', (message, { port: from, address }: RemoteInfo) => {
    let far = peers.get(from)
    if (far === undefined) {
      peers.set(from, far = createSocket('udp4'))
      far.on('message', answer => { if (!dead) near.send(answer, from, address) })
    }
    if (!dead) far.send(message, to, '127.0.0.1')
  })
  await new Promise<void>((resolve, reject) => {
    near.once('error', reject)
    near.bind(port, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    for (const socket of [near, ...peers.values()]) socket.close()
  })
  return { port: near.address().port, cut () { dead = true }, mend () { dead = false } }
}
