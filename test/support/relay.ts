// A wire between client and server that can go dead without either end being told.
import { createSocket, type RemoteInfo } from 'node:dgram'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Relay {
  readonly port: number
  /** Nothing passes any more, in either direction; both ends stay open. */
  cut (): void
}

export async function relay (t: { teardown (fn: () => unknown): void }, port: number): Promise<Relay> {
  const sockets: Socket[] = []
  let dead = false
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.push(from)
      from.on('error', () => {})
      from.on('data', chunk => { if (!dead) to.write(chunk) })
      from.on('close', () => { if (!dead) to.destroy() })
    }
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, cut () { dead = true } }
}

/** The same for UDP, on the port of its own server for TCP or on any. */
export async function relayDatagrams (t: { teardown (fn: () => unknown): void }, to: number, port = 0): Promise<Relay & { mend (): void }> {
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
