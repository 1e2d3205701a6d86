// Optional packages of shards. Their versions are checked when they are loaded: a package manager that was told to go on installs any.
import { isOlder } from '../../shared/text.js'
import { versionOf } from '../../shared/versions.js'

/** The same as in `peerDependencies` of package.json. */
export const PEERS = { bullmq: '^6.7.0', ioredis: '>=5.0.0', minisearch: '^7.0.0', pg: '>=8.0.0' } as const

export type Peer = keyof typeof PEERS

/** What to write behind `npm install`. A shell would take `>` for itself. */
export function installable (name: Peer): string {
  return `${name}@${PEERS[name].startsWith('^') ? PEERS[name] : 'latest'}`
}

/** @throws Error with the version that is installed, when it does not fit. One that cannot be read, as in a bundle, is not judged. */
export function checkPeer (name: Peer, from: string | URL = import.meta.url): void {
  const version = versionOf(name, from)
  if (version === undefined) return
  const floor = PEERS[name].replace(/^\D+/, '')
  const isNewer = PEERS[name].startsWith('^') && Number.parseInt(version) > Number.parseInt(floor)
  if (isOlder(version, floor) || isNewer) throw new Error(`found ${version}`)
}
