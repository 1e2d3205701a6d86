// What makes a broker unsafe to use, as lines for the log.
import type { BrokerSettings } from '../options.js'

/** A broker that others on the way can read, or that anybody can use. */
export function warnOfConnection ({ connection, backend }: Pick<BrokerSettings, 'connection' | 'backend'>): string | undefined {
  const { host, isEncrypted, hasPassword } = typeof connection === 'string' ? ofUrl(connection) : ofObject(connection)
  if (isLocal(host) || isEncrypted || hasPassword) return undefined
  return `the connection to ${host} has neither TLS nor a password: whoever reaches it can stop builds; give ${backend === 'redis' ? 'a rediss:// URL with a password' : 'a password and sslmode=require'}`
}

/** Jobs that are thrown away under pressure are lost. */
export function warnOfEviction (info: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  return policy === undefined || policy === 'noeviction' ? undefined : `Redis has the maxmemory-policy ${policy}, which may throw jobs away: set it to noeviction`
}

interface Facts { readonly host: string, readonly isEncrypted: boolean, readonly hasPassword: boolean }

function ofUrl (text: string): Facts {
  const { protocol, hostname, password, searchParams } = new URL(text)
  const ssl = searchParams.get('sslmode')
  return { host: searchParams.get('host') ?? hostname, isEncrypted: protocol === 'rediss:' || (ssl !== null && ssl !== 'disable'), hasPassword: password !== '' }
}

function ofObject ({ host = '', tls, ssl, password, path, connectionString }: Readonly<Record<string, unknown>>): Facts {
  if (typeof connectionString === 'string' && URL.canParse(connectionString)) return ofUrl(connectionString)
  return { host: String(path ?? host), isEncrypted: Boolean(tls ?? ssl), hasPassword: Boolean(password) }
}

/** Sockets of the file system as well. */
function isLocal (host: string): boolean {
  return host === '' || host === 'localhost' || host.startsWith('/') || /^\[?::1\]?$|^127\./.test(host)
}
