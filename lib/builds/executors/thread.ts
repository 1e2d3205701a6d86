// Children as worker threads: quicker to start, stopped as surely, but a crash of native code is the server's.
import { Worker } from 'node:worker_threads'
import { nodeArguments } from '../processes/node-arguments.js'
import type { Peer, PeerEvents, Transport } from './peer.js'

export interface ThreadOptions {
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The thread's program. */
  readonly entry?: URL
  /** Memory of one thread, in MiB. @default 1024 */
  readonly memory?: number
}

const KEEP = 65_536
const PATIENCE = 2_000
const ENTRY = new URL('./thread-child.js', import.meta.url)

export function threadTransport ({ execArgv = [], env = {}, entry = ENTRY, memory = 1_024 }: ThreadOptions = {}): Transport {
  const ends = new Set<Promise<void>>()
  const alive = new Set<Worker>()

  function start (events: PeerEvents): Peer {
    const worker = new Worker(entry, {
      execArgv: [...nodeArguments(process.execArgv), ...execArgv],
      env: { ...process.env, ...env },
      resourceLimits: { maxOldGenerationSizeMb: memory }
    })
    let output = ''
    let failure = ''
    let timer: NodeJS.Timeout | undefined
    worker.on('message', (value: unknown) => {
      const printed = printedOf(value)
      if (printed === undefined) events.message(value)
      else output = (output + printed).slice(-KEEP)
    })
    worker.on('error', (error: NodeJS.ErrnoException) => { failure = `${error.code}: ${error.message}` })
    const end = new Promise<void>(resolve => worker.once('exit', code => {
      clearTimeout(timer)
      alive.delete(worker)
      events.ended({ code, signal: null, output: `${output}${failure}` })
      resolve()
    })).finally(() => ends.delete(end))
    ends.add(end)
    alive.add(worker)
    worker.unref()
    const kill = () => { worker.terminate() }
    return {
      send: message => worker.postMessage(message),
      printed: () => output,
      reset () { output = '' },
      // It travels in front of the answer.
      async quiet () {},
      flooded: false,
      stop () {
        worker.postMessage('stop')
        timer ??= setTimeout(kill, PATIENCE).unref()
      },
      kill,
      ref: () => worker.ref(),
      unref: () => worker.unref()
    }
  }

  return {
    start,
    async close () {
      for (const worker of alive) worker.ref()
      await Promise.all(ends)
    }
  }
}

function printedOf (value: unknown): string | undefined {
  const printed: unknown = Reflect.get(Object(value) as object, 'printed')
  return typeof printed === 'string' ? printed : undefined
}
