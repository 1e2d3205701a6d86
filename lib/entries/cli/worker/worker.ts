// `fastify-live-reload worker`: builds shards that servers on other machines send.
import { resolve } from 'node:path'
import { printable } from '../../../shared/text.js'
import { countOf, OK, textOf, UsageError, type Command, type Values } from '../command.js'
import { onInterrupt } from '../interrupt.js'

/** What runs is given back to the queue, so that another worker has it at once. */
const CLOSE_TIMEOUT_MS = 2_500

export const workerCommand: Command = {
  name: 'worker',
  summary: 'builds shards that servers on other machines send by distributed()',
  about: 'Builds shards until it is stopped. Run it in the directory of the sources. The secret comes from LIVE_RELOAD_WORKER_SECRET.',
  flags: {
    connection: { type: 'string', value: '<url>', help: 'redis://, rediss:// or postgres://' },
    store: { type: 'string', value: '<dir>', help: 'directory that all machines share' },
    project: { type: 'string', value: '<name>', help: 'that of the server (default: default)' },
    concurrency: { type: 'string', value: '<n>', help: 'shards at once (default: as many as processors, as far as memory allows)' }
  },
  async run (values) {
    const connection = required(values, 'connection')
    const store = resolve(required(values, 'store'))
    const project = textOf(values, 'project')
    const concurrency = values.concurrency === undefined ? undefined : countOf(values, 'concurrency')
    const { serveShards } = await import('../../distributed/index.js')
    const server = await serveShards({
      connection,
      store,
      ...project !== undefined && { project },
      ...concurrency !== undefined && { concurrency },
      log: line => process.stdout.write(`${printable(line)}\n`)
    })
    await new Promise<void>(resolve => { onInterrupt(() => server.close().then(resolve), CLOSE_TIMEOUT_MS) })
    return OK
  }
}

/** @throws UsageError */
function required (values: Values, name: string): string {
  const text = textOf(values, name)
  if (text === undefined) throw new UsageError(`--${name} is needed; see fastify-live-reload worker --help`)
  return text
}
