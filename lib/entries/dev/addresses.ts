// The URLs under which an app that listens is reached.
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { isIPv6 } from 'node:net'

export interface Urls {
  /** The one to open here. */
  readonly local: string
  /** Those for other machines; none when only this one is served. */
  readonly network: readonly string[]
}

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

const isLoopback = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.')

/** `host` as it was given to `listen()`. */
export function urlsOf (scheme: 'http' | 'https', host: string, port: number, interfaces: Interfaces = networkInterfaces()): Urls {
  const url = (name: string): string => `${scheme}://${isIPv6(name) ? `[${name}]` : name}:${port}`
  if (host === '0.0.0.0' || host === '::') {
    return { local: url('localhost'), network: networkAddresses(interfaces, host === '::').map(url) }
  }
  return { local: url(host), network: isLoopback(host) ? [] : [url(host)] }
}

/** IPv4 first: people type it. Addresses that hold only within one link need the name of an interface, which no browser takes. */
function networkAddresses (interfaces: Interfaces, withIPv6: boolean): string[] {
  const own = Object.values(interfaces).flatMap(list => list ?? []).filter(({ internal, address }) => !internal && !/^fe80:/i.test(address) && !address.startsWith('169.254.'))
  return (withIPv6 ? ['IPv4', 'IPv6'] : ['IPv4']).flatMap(family => own.filter(one => one.family === family)).map(({ address }) => address)
}
