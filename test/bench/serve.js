// Requests per second, the slowest of them, and processor time for each, against plain Fastify + @fastify/static.
import autocannon from 'autocannon'
import { start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, ratio, show, table } from './measure.js'

const PATHS = [
  ['10 KB page from root', '/small.html'],
  ['1 MB page from root', '/large.html'],
  ['route that sends a 10 KB string', '/text'],
  ['route that makes another 10 KB page each time', '/rendered'],
  ['route that sends JSON', '/data']
]
// The second plain server shows how far two of the same may differ here.
const SERVERS = [
  ['plain', 'plain Fastify'],
  ['plain', 'plain Fastify, once more'],
  ['live', 'fastify-live-reload'],
  ['metrics', 'fastify-live-reload, metrics: true'],
  ['production', 'fastify-live-reload, enabled: false']
]

/** @param {import('./index.js').Run} run */
export async function serve ({ folders, quick, print }) {
  const root = folders.make({ 'small.html': pageOf(10 * 1024), 'large.html': pageOf(1024 * 1024) })
  const paths = quick ? PATHS.slice(0, 3) : PATHS
  const servers = await Promise.all(SERVERS.map(async ([name = '', title]) => ({ title, ...await start(name, root) })))

  const rows = []
  for (const [title = '', path] of paths) {
    const found = new Map(servers.map(server => [server, { rate: [], p99: [], cpu: [] }]))
    // What a process has never done is slow: that is not what is asked here.
    if (!quick) for (const server of servers) await load(server, path, 0.3)
    await interleave(quick ? 1 : 7, servers, async server => {
      const { rate, p99, cpu } = await load(server, path, quick ? 0.1 : 0.4)
      found.get(server).rate.push(rate)
      found.get(server).p99.push(p99)
      found.get(server).cpu.push(cpu)
    })
    const plain = found.get(servers[0])
    for (const server of servers) {
      const { rate, p99, cpu } = found.get(server)
      rows.push([server === servers[0] ? title : '', server.title, median(rate), median(p99), median(cpu), ...server === servers[0] ? ['', ''] : [ratioOf(rate, plain.rate), ratioOf(plain.cpu, cpu)]])
    }
  }
  print(table(['what', 'by', 'requests/s', 'p99, ms', 'CPU, µs', 'rate to plain (lowest - highest round)', 'the same by CPU time'], rows))
  for (const { stop } of servers) await stop()
}

async function load (server, path, duration) {
  const url = server.url + path
  const before = await server.usage()
  const result = await autocannon({ url, connections: 10, duration, sampleInt: 100 })
  const after = await server.usage()
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} answers other than 2xx, ${result.errors} errors`)
  return { rate: result.requests.total / duration, p99: result.latency.p99, cpu: 1000 * (after.cpu - before.cpu) / result.requests.total }
}

/** By rounds, so that a slow second of the machine meets both. */
function ratioOf (rates, plain) {
  const ratios = rates.map((rate, i) => rate / plain[i])
  return `${ratio(median(ratios), 1)} (${show(Math.min(...ratios))} - ${show(Math.max(...ratios))})`
}
