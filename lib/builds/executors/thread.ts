// A child as a worker thread: it starts faster and can be stopped, but native code that crashes takes the server along.
import { Worker } from 'node:worker_threads'
import { nodeArguments } from '../processes/node-arguments.js'
import { Member, type MemberOwner } from './member.js'
import type { FromChild, ToChild } from './messages.js'
import type { ChildOptions } from './process.js'

const TAIL_CHARACTERS = 65_536
const STOP_TIMEOUT_MS = 2_000
const MAX_HEAP_MIB = 1_024
const CHILD = new URL('./thread-child.js', import.meta.url)

export class ThreadMember extends Member {
  readonly ended: Promise<void>
  readonly flooded = false
  readonly #worker: Worker
  #output = ''
  #isOver = false
  #stopTimer: NodeJS.Timeout | undefined

  /** @throws the system's error. */
  constructor (owner: MemberOwner, { execArgv = [], env = {}, maxHeapMib = MAX_HEAP_MIB }: ChildOptions = {}, program = CHILD) {
    super(owner)
    const worker = this.#worker = new Worker(program, {
      execArgv: [...nodeArguments(process.execArgv), ...execArgv],
      env: { ...process.env, ...env },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib }
    })
    worker.on('message', (message: FromChild | { type: 'printed', text: string }) => {
      if (message.type === 'printed') this.#output = (this.#output + message.text).slice(-TAIL_CHARACTERS)
      else this.onMessage(message)
    })
    worker.on('error', (error: NodeJS.ErrnoException) => { this.#output += `${error.code}: ${error.message}` })
    this.ended = new Promise(resolve => worker.once('exit', code => {
      clearTimeout(this.#stopTimer)
      this.onExit()
      this.onEnded('thread', { code, signal: null, output: this.#output })
      resolve()
    }))
    worker.unref()
  }

  stop (): void {
    this.#isOver = true
    this.#worker.ref()
    this.#worker.postMessage('stop')
    this.#stopTimer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS).unref()
  }

  kill (): void {
    this.#isOver = true
    this.#worker.ref()
    this.#worker.terminate()
  }

  protected send (message: ToChild): void { this.#worker.postMessage(message) }

  protected begin (): void {
    this.#output = ''
    this.#worker.ref()
  }

  protected rest (): void {
    // Whoever closes the pool waits for a thread that is ending.
    if (!this.#isOver) this.#worker.unref()
  }

  protected output (): string { return this.#output }

  // The output travels before the result.
  protected async settled (): Promise<void> {}
}
