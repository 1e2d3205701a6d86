// `plugins`: directories of server-side plugins.
import { resolve } from 'node:path'
import { errors } from '../errors.js'
import { realPath } from '../shared/sources/real-path.js'
import { array, fields, flag, integer, known, pathOf } from './check.js'
import type { PluginSettings } from './settings.js'
import { parsePaths } from './watch.js'

const PLUGINS = ['dir', 'options', 'external', 'debounce', 'drainTimeout', 'strict', 'history', 'watch']

/** @throws FST_LIVE_RELOAD_DUPLICATE for a directory that is given twice. */
export function parsePlugins (raw: unknown, cwd: string, debounce: number): PluginSettings[] {
  const all = array(raw).map((item, i) => parsePlugin(Array.isArray(raw) ? `plugins[${i}]` : 'plugins', item, cwd, debounce))
  const twice = all.find(({ dir }, i) => all.findIndex(other => other.dir === dir) !== i)
  if (twice !== undefined) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`the directory ${twice.dir} is in \`plugins\` twice`)
  return all
}

function parsePlugin (name: string, raw: unknown, cwd: string, debounce: number): PluginSettings {
  const given = fields(name, raw, '{ dir, options?, external?, debounce?, drainTimeout?, strict?, history?, watch? }')
  known(`${name}.`, given, PLUGINS)
  return {
    // Node and esbuild name files by their real paths.
    dir: realPath(resolve(cwd, pathOf(`${name}.dir`, given.dir))),
    options: fields(`${name}.options`, given.options ?? {}),
    external: parsePaths(`${name}.external`, given.external, cwd).map(realPath),
    debounce: integer(`${name}.debounce`, given.debounce, debounce, 0, 60_000),
    drainTimeout: integer(`${name}.drainTimeout`, given.drainTimeout, 10_000, 0, 3_600_000),
    strict: flag(`${name}.strict`, given.strict, false),
    history: integer(`${name}.history`, given.history, 100, 0, 10_000),
    watch: flag(`${name}.watch`, given.watch, true)
  }
}
