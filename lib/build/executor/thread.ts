// Children as worker threads: quicker to start, stopped as surely, but a crash of native code is the server's.
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { nodeArguments } from '../process/node-arguments.js'
import { collectOutput } from '../process/output.js'
import type { Peer, PeerEvents, Transport } from './peer.js'

export interface ThreadOptions {
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Memory of one thread, in MiB. @default 1024 */
  readonly memory?: number
}

export function threadTransport ({ execArgv = [], env = {}, memory = 1_024 }: ThreadOptions = {}): Transport {
  const ends = new Set<Promise<void>>()
  const alive = new Set<Worker>()

  function start (events: PeerEvents): Peer {
    const worker = new Worker(new URL('./thread-child.js', import.meta.url), {
      execArgv: [...nodeArguments(process.execArgv), ...execArgv],
      env: { ...process.env, ...env },
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memory }
    })
    const output = collectOutput([worker.stdout as Readable, worker.stderr as Readable])
    let failure = ''
    alive.add(worker)
    worker.on('message', events.message)
    worker.on('error', (error: NodeJS.ErrnoException) => { failure = `${error.code}: ${error.message}` })
    const end = new Promise<void>(resolve => worker.once('exit', async code => {
      alive.delete(worker)
      await output.drained()
      events.ended({ code, signal: null, output: `${output.text()}${failure}` })
      output.destroy()
      resolve()
    }))
    ends.add(end)
    end.finally(() => ends.delete(end))
    const kill = () => { worker.terminate() }
    worker.unref()
    return {
      send: message => worker.postMessage(message),
      printed: output.text,
      reset: output.reset,
      stop () {
        worker.postMessage('stop')
        setTimeout(kill, 500).unref()
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
