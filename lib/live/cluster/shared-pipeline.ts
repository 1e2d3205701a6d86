// The pipeline of an app with several processes: one of them watches and builds, the others ask it and hear what it does.
import type { BuildResult } from '../../../types/build.js'
import type { LiveReloadEvent, LiveReloadEvents } from '../../../types/events.js'
import type { BuildStatus } from '../../../types/message.js'
import type { WatchStatus } from '../../../types/change.js'
import { errors } from '../../errors.js'
import type { Settings } from '../../options/settings.js'
import type { SharedStatus } from '../../shared/messages/cluster.js'
import type { LiveParts } from '../live-reload.js'
import type { Member } from './member.js'

type Emit = <E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]) => void

/** What the core needs of a pipeline. */
export type OwnPipeline = LiveParts['pipeline'] & {
  readonly seq: number
  readonly paused: boolean
  builds (): Record<string, BuildStatus>
  watches (): WatchStatus[]
  start (): Promise<void>
  close (): Promise<void>
  fileSent (path: string): void
  waitForFirstBuilds (): Promise<boolean>
}

export interface SharedPipelineParts {
  readonly settings: Settings
  readonly member: Member
  /** Makes a pipeline that counts from `seq`. */
  create (settings: Settings, emit: Emit, seq: number): OwnPipeline
  readonly emit: Emit
  /** Waits for the first builds, but not forever. */
  untilBuilt (ready: Promise<void>): Promise<void>
  readonly onDeliver: Parameters<Member['listen']>[0]['onDeliver']
}

/** Calls that the process that watches takes from the others. */
const CALLS = ['reload', 'update', 'pause', 'resume', 'build'] as const
type Call = (typeof CALLS)[number]

export class SharedPipeline implements OwnPipeline {
  readonly #parts: SharedPipelineParts
  /** The watches of plugins, which are those of each process. */
  readonly #plugins: OwnPipeline
  /** Only in the process that watches. */
  #own: OwnPipeline | undefined
  #sharing: NodeJS.Immediate | undefined
  #isReady = false
  #isClosed = false
  #onReady = (): void => {}
  readonly ready = new Promise<void>(resolve => { this.#onReady = resolve })

  constructor (parts: SharedPipelineParts) {
    this.#parts = parts
    const { settings, member, emit, onDeliver } = parts
    this.#plugins = parts.create({ ...settings, roots: [], watch: [], builds: [] }, emit, 0)
    if (member.leads) this.#own = this.#create()
    member.listen({
      onDeliver,
      onEvent: (event, data) => emit(event as LiveReloadEvent, data as never),
      onStatus: status => this.#onStatus(status),
      onLead: () => this.#lead(),
      onCall: (name, args) => CALLS.includes(name as Call) ? this.#run(name as Call, args) : undefined
    })
  }

  get seq (): number { return this.#parts.member.seq }
  get paused (): boolean { return this.#own?.paused ?? this.#parts.member.status?.paused ?? false }
  builds = (): Record<string, BuildStatus> => this.#own?.builds() ?? this.#parts.member.status?.builds ?? {}
  watches = (): WatchStatus[] => [...this.#own?.watches() ?? this.#parts.member.status?.watches ?? [], ...this.#plugins.watches()]

  start = async (): Promise<void> => {
    await this.#plugins.start()
    if (this.#own !== undefined) return await this.#start(this.#own)
    if (this.#parts.member.status !== undefined) this.#onStatus(this.#parts.member.status)
  }

  close = async (): Promise<void> => {
    this.#isClosed = true
    clearImmediate(this.#sharing)
    this.#parts.member.leave()
    this.#onReady()
    await Promise.all([this.#plugins.close(), this.#own?.close()])
  }

  waitForFirstBuilds = async (): Promise<boolean> => {
    if (this.#own !== undefined) return await this.#own.waitForFirstBuilds()
    if (this.#parts.settings.builds.length === 0 || this.#parts.member.status?.isReady === true) return false
    await this.#parts.untilBuilt(this.ready)
    return true
  }

  fileSent = (path: string): void => this.#own?.fileSent(path)
  watch: OwnPipeline['watch'] = (...args) => this.#plugins.watch(...args)
  reload: OwnPipeline['reload'] = target => this.#ask('reload', target)
  update = (paths: readonly string[]): void => this.#ask('update', paths)
  pause = (): void => this.#ask('pause')
  resume = (): void => this.#ask('resume')
  build = async (name?: string): Promise<BuildResult[]> => {
    if (this.#own !== undefined) return await this.#own.build(name)
    const names = this.#parts.settings.builds.map(build => build.name)
    if (name !== undefined && !names.includes(name)) throw new errors.FST_LIVE_RELOAD_NO_SUCH_BUILD(name, names.join(', ') || 'none')
    return await this.#parts.member.call('build', ...name === undefined ? [] : [name]) as BuildResult[] | undefined ?? []
  }

  #ask (name: Exclude<Call, 'build'>, ...args: readonly unknown[]): void {
    if (this.#own === undefined) this.#parts.member.call(name, ...args).catch(error => this.#parts.emit('error', { error }))
    else this.#run(name, args)
  }

  #run (name: Call, args: readonly unknown[]): unknown {
    const result = (this.#own?.[name] as ((...args: readonly unknown[]) => unknown) | undefined)?.(...args)
    this.#share()
    return result
  }

  #create (): OwnPipeline {
    const { settings, member, emit, create } = this.#parts
    return create(settings, (event, data) => {
      emit(event, data)
      // An `Error` does not survive the way, and the log of this process has it.
      if (event !== 'error') member.tell(event, data)
      this.#share()
    }, member.seq)
  }

  async #start (own: OwnPipeline): Promise<void> {
    await own.start()
    this.#isReady = true
    this.#onReady()
    this.#share()
  }

  /** The process that has watched is gone. What changed since then was seen by nobody, so all tabs reload. */
  async #lead (): Promise<void> {
    const own = this.#own = this.#create()
    await this.#start(own)
    if (!this.#isClosed) own.reload({ paths: ['another process watches now'] })
  }

  /** Many things happen in one turn. */
  #share (): void {
    if (this.#isClosed) return
    this.#sharing ??= setImmediate(() => {
      this.#sharing = undefined
      this.#parts.member.share({ builds: this.builds(), watches: this.#own?.watches() ?? [], paused: this.paused, isReady: this.#isReady })
    })
  }

  #onStatus ({ isReady }: SharedStatus): void {
    if (isReady) this.#onReady()
  }
}
