// What `metrics` costs on a hot route: processor time of a request, with the plugin on in both.
import autocannon from 'autocannon'
import { start } from './children.js'
import { interleave, median, ratio, table } from './measure.js'

// Two processes of the same kind differ by more than what is measured here: so there are several, and the same again as a scale.
const KINDS = [['live', 'without metrics'], ['live', 'without metrics, once more'], ['metrics', 'with metrics']]
const PROCESSES = 3
const PATHS = [['route that sends JSON', '/data'], ['route that makes another 10 KB page each time', '/rendered']]

/** @param {import('./index.js').Run} run */
export async function metrics ({ folders, quick, print }) {
  const root = folders.make()
  const servers = await Promise.all(KINDS.flatMap(([name, title]) => Array.from({ length: quick ? 1 : PROCESSES }, async () => ({ title, ...await start(name, root) }))))
  const rows = []
  for (const [what, path] of PATHS) {
    const found = new Map(KINDS.map(([, title]) => [title, []]))
    if (!quick) for (const server of servers) await cost(server, path, 0.4)
    await interleave(quick ? 2 : 9, servers, async server => { found.get(server.title).push(await cost(server, path, quick ? 0.2 : 0.3)) })
    const [without] = found.values()
    for (const [title, costs] of found) {
      rows.push([costs === without ? what : '', title, median(costs), ...costs === without ? ['', ''] : [ratio(median(costs), median(without)), ratio(Math.min(...costs), Math.min(...without))]])
    }
  }
  print(table(['CPU, µs per request', 'by', 'median', 'median to median', 'lowest to lowest'], rows))
  for (const { stop } of servers) await stop()
}

async function cost ({ url, usage }, path, duration) {
  const before = await usage()
  const { requests, non2xx } = await autocannon({ url: url + path, connections: 10, duration, sampleInt: 100 })
  if (non2xx > 0) throw new Error(`${path}: ${non2xx} answers other than 2xx`)
  return 1000 * ((await usage()).cpu - before.cpu) / requests.total
}
