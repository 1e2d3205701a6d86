// Listens on the first port that is free.
import { promises as dns } from 'node:dns'
import { createServer } from 'node:net'
import { errors } from '../../errors.js'
import { allowPort, endProcess, findOwner } from './commands.js'
import { findHolder, nameHolder, type PortHolder } from './holder.js'
import type { ListenSettings } from './options.js'

/** A port that was tried and is in use. */
export interface TakenPort {
  readonly port: number
  /** Who has it, where that can be known. */
  readonly by?: PortHolder
}

type Listen = (address: { port: number, host: string }) => Promise<unknown>

const WILDCARDS = ['0.0.0.0', '::']
/** What a host is no address of this machine fails with. */
const NO_SUCH_HOST = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']

/**
 * Returns the ports before the one it took.
 * @throws FST_LIVE_RELOAD_PORT_TAKEN for a port that may not move, FST_LIVE_RELOAD_PORT_FORBIDDEN, FST_LIVE_RELOAD_INVALID_OPTION
 */
export async function takePort ({ ports, isFixed, host }: ListenSettings, listen: Listen): Promise<TakenPort[]> {
  const addresses = await addressesOf(host)
  const taken: TakenPort[] = []
  for (const port of new Set(isFixed ? ports : [...ports, 0])) {
    if (port !== 0 && await isTaken(port, addresses)) {
      taken.push(await named(port))
      continue
    }
    try {
      await listen({ port, host })
      return taken
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw explain(error, port, host)
      taken.push(await named(port))
    }
  }
  const { port, by } = taken[0] as TakenPort
  const hint = by === undefined ? `find it with "${findOwner(port)}", or set another PORT` : `end it with "${endProcess(by.pid)}", or set another PORT`
  throw new errors.FST_LIVE_RELOAD_PORT_TAKEN(port, by === undefined ? 'another program' : nameHolder(by), hint)
}

/** Where a browser may end up that opens `localhost`: on each of them another program may listen. */
async function addressesOf (host: string): Promise<string[]> {
  if (WILDCARDS.includes(host)) return [host, '127.0.0.1', '::1']
  return (await dns.lookup(host, { all: true }).catch(() => [])).map(({ address }) => address)
}

/**
 * Asks before the app listens: Fastify leaves out an address of `localhost` that another program has, and the browser would show that one.
 * An app's server also hears nothing of ports that are not for it.
 */
async function isTaken (port: number, addresses: readonly string[]): Promise<boolean> {
  for (const host of addresses) {
    const code = await new Promise<string | undefined>(resolve => {
      const probe = createServer()
      probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      probe.listen({ port, host }, () => probe.close(() => resolve(undefined)))
    })
    if (code === 'EADDRINUSE') return true
  }
  return false
}

async function named (port: number): Promise<TakenPort> {
  const by = await findHolder(port)
  return { port, ...by !== undefined && { by } }
}

function explain (error: unknown, port: number, host: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EACCES') return new errors.FST_LIVE_RELOAD_PORT_FORBIDDEN(port, allowPort(port))
  if (code !== undefined && NO_SUCH_HOST.includes(code)) return new errors.FST_LIVE_RELOAD_INVALID_OPTION('listen.host', 'an address or a name of this machine', `${host} (${code})`)
  return error
}
