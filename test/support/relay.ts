// A wire between client and server that can go dead without either end being told.
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
