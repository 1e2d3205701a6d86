// A child as a process, in a tree of its own, with messages on file descriptor 3.
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ChildTree } from '../processes/child-tree.js'
import { nodeArguments } from '../processes/node-arguments.js'
import { lowerPriorityLater } from '../processes/priority.js'
import { Member, type MemberOwner } from './member.js'
import { encodeLine, readLines, type FromChild, type ToChild } from './messages.js'

export interface ChildOptions {
  /** Arguments added to those of this Node: loaders. */
  readonly execArgv?: readonly string[]
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** MiB for the objects of a thread. @default 1024 */
  readonly maxHeapMib?: number
}

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))
const STOP_TIMEOUT_MS = 2_000

export class ProcessMember extends Member {
  readonly ended: Promise<void>
  readonly #tree: ChildTree
  readonly #channel: Duplex | undefined
  /** What keeps this process running. */
  readonly #handles: readonly { ref (): void, unref (): void }[]
  #isOver = false
  #stopTimer: NodeJS.Timeout | undefined
  #keepPriority = () => {}

  /** @throws the system's error, for reasons that Node reports at once. */
  constructor (owner: MemberOwner, { execArgv = [], env = {} }: ChildOptions = {}, program = CHILD) {
    super(owner)
    this.#tree = new ChildTree([process.execPath, ...nodeArguments(process.execArgv), ...execArgv, program], { env: { ...process.env, ...env }, channel: true })
    const { child } = this.#tree
    // Absent when the system gave no pipe.
    this.#channel = child.stdio?.[3] as Duplex | undefined
    this.#handles = [child, child.stdout, child.stderr, this.#channel].filter(Boolean) as never
    if (this.#channel !== undefined) readLines(this.#channel, message => this.onMessage(message as FromChild), () => { if (!this.#isOver) this.onBroken() })
    this.ended = this.#follow()
    this.rest()
  }

  get flooded (): boolean { return this.#tree.output.flooded }

  stop (): void {
    this.#isOver = true
    this.#tree.child.ref()
    this.#channel?.end()
    this.#stopTimer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS).unref()
  }

  kill (): void {
    this.#isOver = true
    this.#tree.child.ref()
    this.#tree.signal('SIGKILL')
  }

  protected send (message: ToChild): void { this.#channel?.write(encodeLine(message)) }

  protected begin (): void {
    this.#tree.output.reset()
    this.#keepPriority = lowerPriorityLater(this.#tree.child.pid)
    for (const handle of this.#handles) handle.ref()
  }

  protected rest (): void {
    this.#keepPriority()
    // Whoever closes the pool waits for a child that is ending.
    if (!this.#isOver) for (const handle of this.#handles) handle.unref()
  }

  protected output (): string { return this.#tree.output.text() }

  protected settled (): Promise<void> { return this.#tree.output.settled() }

  async #follow (): Promise<void> {
    const { error, ...exit } = await this.#tree.exited
    this.#isOver = true
    this.onExit()
    clearTimeout(this.#stopTimer)
    this.#keepPriority()
    await this.#tree.end()
    this.#channel?.destroy()
    this.onEnded('process', { ...exit, output: this.output() }, error)
  }
}
