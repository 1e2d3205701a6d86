// Serves the browser client.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hashOf, readScript, serveScript, type Script } from '../shared/script.js'

export interface ClientFiles {
  /** Hash of all files together: the page derives the URLs of the others from that of the first. */
  readonly hash: string
  readonly files: Readonly<Record<string, Script>>
}

/** The script of every page (`console` where it forwards its console), and the modules it imports when it needs them. */
const NAMES = ['client', 'more', 'failures', 'console']
const FOLDER = new URL('../browser/', import.meta.url)
let own: ClientFiles | undefined

/** @throws FST_LIVE_RELOAD_NO_CLIENT */
export function readClient (folder = FOLDER): ClientFiles {
  const scripts = NAMES.map(name => readScript(new URL(`${name}.min.js`, folder)))
  return {
    hash: hashOf(scripts.map(({ hash }) => hash).join()),
    files: Object.fromEntries(NAMES.map((name, i) => [`/${name}.js`, scripts[i] as Script]))
  }
}

/** For `?v=` of the script tag: a copy under this name may be kept forever. */
export function clientHash (): string {
  return ownClient().hash
}

/** Adds `/client.js` and the modules below the prefix of `scope`. */
export function serveClient (scope: FastifyInstance, { hash, files }: ClientFiles = ownClient()): void {
  for (const [url, script] of Object.entries(files)) {
    serveScript(scope, script, { url, version: hash, ...(['/client.js', '/console.js'].includes(url) && { sharedWith }) })
  }
}

// The origin of a sandboxed frame equals none. The script has nothing to do there, but blocking it would log an error in the page.
function sharedWith ({ raw: { headers: { referer = '', host, ':authority': authority } } }: FastifyRequest): 'same-origin' | 'cross-origin' {
  const [, from] = /^https?:\/\/([^/]+)\//i.exec(referer) ?? []
  return from !== undefined && [host, authority].includes(from) ? 'cross-origin' : 'same-origin'
}

function ownClient (): ClientFiles {
  own ??= readClient()
  return own
}
