// One plugin: which of its versions serves, and how a new one takes over.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic } from '../../../../types/build.js'
import type { HotPluginInfo, HotPluginMeta, HotReason } from '../../../../types/hot-plugins.js'
import type { PluginSettings } from '../../../options/settings.js'
import type { Target } from '../dispatch/stubs.js'
import type { Inheritance } from '../graft/shadow.js'
import type { PluginFile } from '../plain/discover.js'
import { PluginState } from '../state/kept.js'
import type { Route, Version } from './version.js'
import { PagesSeen } from './pages-seen.js'

export class Unit implements Target {
  readonly name: string
  readonly file: PluginFile
  readonly settings: PluginSettings
  readonly pages = new PagesSeen()
  /** Answers what comes while no version serves: 404, as the app does. */
  readonly #absent: Target
  readonly #ending = new Set<Version>()
  /** Taken when the plugin was first registered. */
  inheritance: Inheritance | undefined
  meta: HotPluginMeta = {}
  error: Diagnostic | undefined
  /** It failed because of what other plugins have, or do not have. */
  isRefused = false
  isEnabled = true
  /** Services that the newest code asked for. */
  used: ReadonlySet<string> = new Set()
  /** Of the newest version that was tried. */
  tried = 0
  #state = new PluginState()
  #current: Version | undefined
  #reloads = 0

  constructor (file: PluginFile, name: string, settings: PluginSettings, absent: Target) {
    this.name = name
    this.file = file
    this.settings = settings
    this.#absent = absent
  }

  get current (): Version | undefined { return this.#current }
  get state (): PluginState { return this.#state }

  /** Versions to come share nothing with those that were there. Returns what these have. */
  renewState (): PluginState {
    const state = this.#state
    this.#state = new PluginState()
    return state
  }

  answer (raw: IncomingMessage, response: ServerResponse, id: string): void {
    const { pages } = this
    pages.add(raw)
    if (this.#current === undefined) this.#absent.answer(raw, response, id)
    else this.#current.answer(raw, response, id)
  }

  /** From now on this version answers. The one before ends, when it has answered what it has begun. */
  swap (next: Version | undefined, reason: HotReason): Promise<void> {
    const previous = this.#current
    this.#current = next
    if (previous === undefined) return Promise.resolve()
    if (next !== undefined) this.#reloads++
    return this.end(previous, reason)
  }

  async end (version: Version, reason: HotReason, drainTimeout = this.settings.drainTimeout): Promise<void> {
    this.#ending.add(version)
    await version.end(reason, drainTimeout)
    this.#ending.delete(version)
  }

  serves ({ method, url, constraints = {} }: Route): boolean {
    return this.#current?.routes.some(one => one.url === url && one.method === method && isDeepStrictEqual(one.constraints ?? {}, constraints)) ?? false
  }

  info (): HotPluginInfo {
    const { name, file, meta, error, isEnabled } = this
    const versions = [...this.#ending, ...this.#current === undefined ? [] : [this.#current]]
    return {
      name,
      file: file.file,
      meta,
      version: this.#current?.number ?? 0,
      reloads: this.#reloads,
      enabled: isEnabled,
      serving: this.#current !== undefined,
      ...error !== undefined && { error },
      routes: (this.#current?.routes ?? []).map(({ method, url }) => `${method} ${url}`),
      inFlight: versions.reduce((sum, { inFlight }) => sum + inFlight, 0)
    }
  }
}
