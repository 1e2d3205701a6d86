// Plugins of esbuild that can be given up. It waits for each callback, and keeps the process for as long.
import type { BuildOptions, Plugin, PluginBuild } from 'esbuild'
import { untilAborted } from '../scheduler/deadline.js'

/** The same plugins. What they have not settled fails when the signal aborts. */
export function endWith (signal: AbortSignal, plugins: NonNullable<BuildOptions['plugins']>): Plugin[] {
  // Async: what a plugin throws at once is a rejection, too.
  const untilGivenUp = <A extends unknown[], R>(run: (...given: A) => R | Promise<R>) => (...given: A): Promise<R> => untilAborted((async () => await run(...given))(), signal)
  const wrap = (build: PluginBuild): PluginBuild => ({
    ...build,
    onStart: run => build.onStart(untilGivenUp(run)),
    onEnd: run => build.onEnd(untilGivenUp(run)),
    onResolve: (options, run) => build.onResolve(options, untilGivenUp(run)),
    onLoad: (options, run) => build.onLoad(options, untilGivenUp(run))
  })
  return plugins.map(plugin => typeof plugin?.setup === 'function' ? { ...plugin, setup: untilGivenUp(build => plugin.setup(wrap(build))) } : plugin)
}
