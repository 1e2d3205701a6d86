// Gives servers that listen another certificate. Connections that are open keep theirs.
import type { Server } from 'node:tls'
import type { Pair } from './read.js'

/** What Fastify calls the list of its further servers, one for each other address of `localhost`. */
const SERVERS = 'fastify.serverBindings'
// Node takes an option that is not named for one that was never set, and keeps what it was given under the same names.
const OPTIONS = ['ca', 'ciphers', 'clientCertEngine', 'crl', 'dhparam', 'ecdhCurve', 'honorCipherOrder', 'maxVersion', 'minVersion', 'secureOptions', 'secureProtocol', 'sessionIdContext', 'sessionTimeout', 'sigalgs', 'ticketKeys']

/** The servers of an app; none when it serves without TLS. */
export function tlsServers (app: { readonly server: object }): Server[] {
  let holder: object | null = app
  let further: unknown
  while (holder !== null && further === undefined) {
    const name = Object.getOwnPropertySymbols(holder).find(({ description }) => description === SERVERS)
    if (name !== undefined) further = Reflect.get(holder, name)
    holder = Object.getPrototypeOf(holder)
  }
  return [app.server, ...Array.isArray(further) ? further : []].filter(server => 'setSecureContext' in server)
}

export function exchange (servers: readonly Server[], { key, cert }: Pair): void {
  for (const server of servers) {
    const kept = Object.fromEntries(OPTIONS.map(name => [name, Reflect.get(server, name)]))
    server.setSecureContext({ ...kept, key, cert })
  }
}

/** The certificate that a server was made with, or given since. */
export function certificateOf (server: Server): unknown {
  return Reflect.get(server, 'cert')
}
