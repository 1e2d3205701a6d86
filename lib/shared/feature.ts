// What a feature is: a Fastify plugin that gets the public object and the settings.
import type { LiveReload } from '../../types/live-reload.js'
import type { Settings } from '../options/settings.js'

export interface FeatureOptions {
  readonly live: LiveReload
  readonly settings: Settings
}
