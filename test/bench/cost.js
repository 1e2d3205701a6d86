// Processor time of a request, in microseconds, of servers of several kinds against the first kind.
import autocannon from 'autocannon'
import { interleave, median, ratio, table } from './measure.js'

/** How many processes there are of a kind: two differ by more than what is measured. For the same reason the first kind comes twice, as a scale. */
const PROCESSES = 3

/**
 * Starts all of them.
 * @template {{ url: string, cpu: () => Promise<number> }} Server
 * @param {readonly (readonly [kind: string, title: string])[]} kinds
 * @param {(kind: string) => Promise<Server>} start
 * @param {boolean} quick
 */
export async function startAll (kinds, start, quick) {
  return await Promise.all(kinds.flatMap(([kind, title]) => Array.from({ length: quick ? 1 : PROCESSES }, async () => ({ title, ...await start(kind) }))))
}

/**
 * @param {{ title: string, url: string, cpu: () => Promise<number> }[]} servers
 * @param {[what: string, request: object][]} requests as autocannon takes them
 * @param {{ quick: boolean, rounds: number }} effort
 */
export async function compareCosts (servers, requests, { quick, rounds }) {
  const rows = []
  for (const [what, request] of requests) {
    const found = new Map(servers.map(({ title }) => [title, []]))
    if (!quick) for (const server of servers) await cost(server, request, 0.4)
    await interleave(quick ? 2 : rounds, servers, async server => { found.get(server.title).push(await cost(server, request, quick ? 0.2 : 0.3)) })
    const [baseline] = found.values()
    for (const [title, costs] of found) {
      rows.push([costs === baseline ? what : '', title, median(costs), ...costs === baseline ? ['', ''] : [ratio(median(costs), median(baseline)), ratio(Math.min(...costs), Math.min(...baseline))]])
    }
  }
  return table(['CPU, µs per request', 'by', 'median', 'median to median', 'lowest to lowest'], rows)
}

async function cost ({ url, cpu }, { path, ...request }, duration) {
  const before = await cpu()
  const { requests, non2xx } = await autocannon({ url: url + path, ...request, connections: 10, duration, sampleInt: 100 })
  if (non2xx > 0) throw new Error(`${path}: ${non2xx} answers other than 2xx`)
  return (await cpu() - before) / requests.total
}
