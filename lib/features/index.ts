// The features, in the order of their registration. Adding one is a folder and a line.
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import type { FeatureOptions } from '../shared/feature.js'
import type { Settings } from '../options/settings.js'

interface Feature {
  readonly name: string
  isOn (settings: Settings): boolean
  load (): Promise<{ readonly default: FastifyPluginCallback<FeatureOptions> }>
}

const FEATURES: readonly Feature[] = [
  { name: 'terminal', isOn: () => true, load: () => import('./terminal/index.js') },
  { name: 'overlay', isOn: ({ client }) => client.overlay, load: () => import('./overlay/index.js') },
  { name: 'error-pages', isOn: ({ errorPages }) => errorPages, load: () => import('./error-pages/index.js') },
  { name: 'status-page', isOn: () => true, load: () => import('./status-page/index.js') },
  { name: 'editor', isOn: ({ editor }) => editor !== false, load: () => import('./editor/index.js') },
  { name: 'page-console', isOn: ({ connect }) => connect.console.length > 0, load: () => import('./page-console/index.js') },
  { name: 'morph', isOn: ({ client }) => client.morph === true, load: () => import('./morph/index.js') },
  { name: 'hot-plugins', isOn: ({ plugins }) => plugins.length > 0, load: () => import('./hot-plugins/index.js') }
]

/** Registers the features that are on. They get the public object and the settings, and nothing else. */
export async function registerFeatures (app: FastifyInstance, settings: Settings): Promise<void> {
  const on = FEATURES.filter(({ isOn }) => isOn(settings))
  const plugins = await Promise.all(on.map(({ load }) => load()))
  for (const { default: plugin } of plugins) await app.register(plugin, { live: app.liveReload, settings })
}
