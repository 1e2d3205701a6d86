// Children as processes: a group of their own, a private channel, a pipe whose end tells them that the server died.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { MARK, createMark, killGroup, listProcesses, sweep } from '../processes/group.js'
import { nodeArguments } from '../processes/node-arguments.js'
import { collectOutput } from '../processes/output.js'
import { giveWayLater } from '../processes/priority.js'
import { createFrameReader, encodeFrame } from './frames.js'
import { ENVELOPE, MAX_MESSAGE } from './messages.js'
import type { Peer, PeerEvents, Transport } from './peer.js'

export interface ProcessOptions {
  /** Added to Node's arguments: loaders. */
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The child's program. */
  readonly entry?: string
  /** Milliseconds until a child that was asked to end is killed. */
  readonly patience?: number
}

const ENTRY = fileURLToPath(new URL('./child.js', import.meta.url))

export function processTransport ({ execArgv = [], env = {}, entry = ENTRY, patience = 2_000 }: ProcessOptions = {}): Transport {
  const ends = new Set<Promise<unknown>>()
  const alive = new Set<ChildProcess>()

  function start (events: PeerEvents): Peer {
    const mark = createMark()
    const older = listProcesses()
    const child = spawn(process.execPath, [...nodeArguments(process.execArgv), ...execArgv, entry], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env, [MARK]: mark },
      detached: true,
      windowsHide: true
    })
    if (child.pid === undefined) return notStarted(child, events)
    const { pid } = child
    alive.add(child)
    const [, , , channel, life] = child.stdio as unknown as [null, Readable, Readable, Duplex, Duplex]
    const output = collectOutput([child.stdout as Readable, child.stderr as Readable])
    let timer: NodeJS.Timeout | undefined
    let over = false
    let undo = () => {}
    const broken = () => { if (!over) events.broken() }
    channel.on('data', createFrameReader(MAX_MESSAGE + ENVELOPE, events.message, broken))
    channel.on('error', broken).on('end', broken)
    life.on('error', () => {})
    const handles = [child, child.stdout, child.stderr, channel, life] as unknown as { ref (): void, unref (): void }[]

    const end = new Promise<void>(resolve => child.once('exit', async (code, signal) => {
      over = true
      undo()
      clearTimeout(timer)
      killGroup(pid, 'SIGKILL')
      alive.delete(child)
      await output.drained()
      events.ended({ code, signal, output: output.text() })
      output.destroy()
      channel.destroy()
      life.destroy()
      resolve()
    }))
    // What left the group is found by its mark.
    const swept = end.then(() => sweep(mark, older)).finally(() => ends.delete(swept))
    ends.add(swept)

    const peer: Peer = {
      send: message => { channel.write(encodeFrame(message)) },
      printed: output.text,
      reset: output.reset,
      quiet: output.quiet,
      get flooded () { return output.flooded },
      stop () {
        over = true
        channel.end()
        timer ??= setTimeout(peer.kill, patience).unref()
      },
      kill: () => { if (child.exitCode === null && child.signalCode === null) killGroup(pid, 'SIGKILL') },
      ref () {
        undo = giveWayLater(pid)
        handles.forEach(handle => handle.ref())
      },
      unref () {
        undo()
        handles.forEach(handle => handle.unref())
      }
    }
    peer.unref()
    return peer
  }

  return {
    start,
    async close () {
      for (const child of alive) child.ref()
      await Promise.all(ends)
    }
  }
}

const nothing = async () => {}

function notStarted (child: ChildProcess, events: PeerEvents): Peer {
  child.once('error', error => events.ended({ code: null, signal: null, output: '' }, error))
  return { send: nothing, printed: () => '', reset: nothing, quiet: nothing, flooded: false, stop: nothing, kill: nothing, ref: nothing, unref: nothing }
}
