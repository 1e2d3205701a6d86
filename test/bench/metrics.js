// What `metrics` costs on a hot route: processor time of a request, with the plugin on in both.
import { start } from './children.js'
import { compareCosts, startAll } from './cost.js'

const KINDS = [['live', 'without metrics'], ['live', 'without metrics, once more'], ['metrics', 'with metrics']]
const REQUESTS = [['route that sends JSON', { path: '/data' }], ['route that makes another 10 KB page each time', { path: '/rendered' }]]

/** @param {import('./index.js').Run} run */
export async function metrics ({ folders, quick, print }) {
  const root = folders.make()
  const servers = await startAll(KINDS, async kind => {
    const child = await start(kind, root)
    return { ...child, cpu: async () => 1000 * (await child.usage()).cpu }
  }, quick)
  print(await compareCosts(servers, REQUESTS, { quick, rounds: 9 }))
  for (const { stop } of servers) await stop()
}
