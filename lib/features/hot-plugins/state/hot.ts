// `fastify.hot` of one version, and what the owner of the version does with it, out of reach of the plugin.
import type { Hot, HotReason } from '../../../../types/hot-plugins.js'
import type { PluginState } from './kept.js'
import { VersionEvents, type Shared, type Trade } from './shared.js'

export interface HotControl {
  readonly hot: Hot
  readonly trade: Trade
  /** Says why to `onClose` hooks. */
  setReason (reason: HotReason): void
}

export function createHot (name: string, version: number, state: PluginState, shared: Shared): HotControl {
  const trade: Trade = { provided: new Map(), used: new Set() }
  let reason: HotReason | undefined
  const hot: Hot = {
    name,
    version,
    events: new VersionEvents(shared.emitter),
    get reason () { return reason },
    get data () { return state.data },
    keep: (key, create, dispose) => state.keep(key, create, dispose),
    provide (service, value) {
      shared.assertFree(service, name)
      trade.provided.set(service, value)
    },
    use<T> (service: string) {
      trade.used.add(service)
      return (trade.provided.has(service) ? trade.provided.get(service) : shared.use(service, name)) as T
    }
  }
  return { hot, trade, setReason: value => { reason = value } }
}
