// The first byte of a streamed page of 10 MB, in turns with a server that has no plugin: the median difference of a turn, several times.
import { once } from 'node:events'
import { get } from 'node:http'
import { start } from '../children.js'
import { interleave, median, now } from '../measure.js'

const BOUND = 2
const PATHS = [['/streamed', 'a page of 10 MB, streamed'], ['/packed', 'a page of 10 MB, streamed, gzip']]

/** @param {import('../index.js').Run} run */
export async function firstByte ({ folders, quick }) {
  const root = folders.make()
  const servers = []
  // The second plain one shows how far two of the same may differ here.
  for (const name of ['plain', 'plain', 'live']) servers.push({ ...await start(name, root, { large: true }, 'promises/server.js'), times: [] })
  const rows = []
  for (const [path, title] of PATHS) {
    const [again, ours] = [[], []]
    for (let block = quick ? 0 : -2; block < (quick ? 1 : 4); block++) {
      for (const server of servers) server.times = []
      await interleave(quick ? 1 : 11, servers, async server => { server.times.push(await ask(server.url + path)) })
      // The first two are for the compiler.
      if (block < 0) continue
      const [plain, second, live] = servers.map(({ times }) => times)
      again.push(later(second, plain))
      ours.push(later(live, plain))
    }
    rows.push(
      { promise: `${title}: first byte later than without the plugin by`, bound: `${BOUND} ms`, most: BOUND, values: ours },
      { promise: '(the same without the plugin, once more)', bound: `${BOUND} ms`, most: BOUND, values: again })
  }
  for (const { stop } of servers) await stop()
  return rows
}

/** By turns, so that a slow moment of the machine meets both. */
const later = (times, others) => median(times.map((time, i) => time - others[i]))

async function ask (url) {
  const began = now()
  const [answer] = await once(get(url, { agent: false, headers: { accept: 'text/html', 'accept-encoding': 'gzip', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' } }), 'response')
  let first = 0
  answer.on('data', () => { first ||= now() })
  await once(answer, 'end')
  return first - began
}
