// The features, in the order of their registration. Adding one is a folder and a line.
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import type { FeatureOptions } from '../shared/feature.js'
import type { Settings } from '../options/settings.js'
import * as commandLine from './command-line/index.js'
import * as editor from './editor/index.js'
import * as errorPages from './error-pages/index.js'
import * as overlay from './overlay/index.js'
import * as statusPage from './status-page/index.js'
import * as terminal from './terminal/index.js'

/** Loaded together with the features: they need it, and one file loads faster than two. */
export { startCore } from '../live/core.js'

interface Module { readonly default: FastifyPluginCallback<FeatureOptions> }

interface Feature {
  readonly name: string
  isOn (settings: Settings): boolean
  /** What is on by default is part of the core's bundle. The rest is loaded where it is asked for. */
  load (): Module | Promise<Module>
}

const FEATURES: readonly Feature[] = [
  { name: 'terminal', isOn: () => true, load: () => terminal },
  { name: 'overlay', isOn: ({ client }) => client.overlay, load: () => overlay },
  { name: 'error-pages', isOn: settings => settings.errorPages, load: () => errorPages },
  { name: 'status-page', isOn: () => true, load: () => statusPage },
  { name: 'command-line', isOn: () => true, load: () => commandLine },
  { name: 'editor', isOn: settings => settings.editor !== false, load: () => editor },
  { name: 'page-console', isOn: ({ connect }) => connect.console.length > 0, load: () => import('./page-console/index.js') },
  { name: 'server-log', isOn: ({ connect }) => connect.serverLog !== false, load: () => import('./server-log/index.js') },
  { name: 'morph', isOn: ({ client }) => client.morph === true, load: () => import('./morph/index.js') },
  { name: 'metrics', isOn: ({ metrics }) => metrics !== false, load: () => import('./metrics/index.js') },
  { name: 'hot-plugins', isOn: ({ plugins }) => plugins.length > 0, load: () => import('./hot-plugins/index.js') }
]

/** Registers the features that are on. They get the public object and the settings, and nothing else. */
export async function registerFeatures (app: FastifyInstance, settings: Settings): Promise<void> {
  const on = FEATURES.filter(({ isOn }) => isOn(settings))
  const plugins = await Promise.all(on.map(({ load }) => load()))
  for (const { default: plugin } of plugins) await app.register(plugin, { live: app.liveReload, settings })
}
