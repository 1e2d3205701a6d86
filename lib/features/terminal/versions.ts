// Which installed packages have known faults that a newer release mends. Read after the start, which reading files would make longer.
import { isOlder } from '../../shared/text.js'
import { versionOf } from '../../shared/versions.js'

/** The oldest releases without a known vulnerability that an app with live reload would have. `by`: the package that uses it. */
const FLOORS: readonly { readonly name: string, readonly floor: string, readonly by?: string }[] = [
  { name: '@fastify/static', floor: '10.1.11' },
  { name: '@fastify/websocket', floor: '11.3.6' },
  { name: 'ws', floor: '8.23.0', by: '@fastify/websocket' },
  { name: 'launch-editor', floor: '2.14.2' }
]
const FASTIFY = '5.8.5'
const NODE = '20.19.0'

export interface Installed {
  /** Of Node.js and Fastify. */
  readonly node: string
  readonly fastify: string
  /** Finds packages as the plugin does. */
  readonly from?: string | URL
}

/** What to say about old versions, a line each. */
export function describeOld ({ node, fastify, from = import.meta.url }: Installed): string[] {
  const packages = FLOORS.map(({ name, floor, by }) => ({ name, floor, version: versionOf(name, from, by) }))
  const old = [{ name: 'fastify', floor: FASTIFY, version: fastify }, ...packages].filter(({ version, floor }) => version !== undefined && isOlder(version, floor))
  const list = old.map(({ name, version, floor }) => `${name} ${version} (${floor} or newer)`).join(', ')
  return [
    ...isOlder(node, NODE) ? [`live reload: this is Node.js ${node}; the plugin needs ${NODE} or newer`] : [],
    ...old.length > 0 ? [`live reload: packages with known vulnerabilities: ${list}; run npm update ${old.map(({ name }) => name).join(' ')}`] : []
  ]
}
