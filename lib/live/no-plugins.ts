// `app.liveReload.plugins` where there are none.
import type { HotPlugins } from '../../types/hot-plugins.js'
import { errors, show } from '../errors.js'

const refuse = async (name: string): Promise<never> => { throw new errors.FST_LIVE_RELOAD_NO_SUCH_PLUGIN(show(name), 'none') }

export const NO_PLUGINS: HotPlugins = {
  list: () => [],
  reload: refuse,
  enable: refuse,
  disable: refuse,
  count: 0,
  log: [],
  watching: false,
  start: async () => {},
  stop: () => {}
}
