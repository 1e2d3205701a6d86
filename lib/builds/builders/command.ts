// A program as a Builder: started without a shell, stopped with everything it started, its output read for diagnostics.
import type { Builder } from '../../../types/build.js'
import { pathOf, runOptions } from '../../options/check.js'
import { programName } from '../../options/program-name.js'
import { toArgv } from '../processes/tokenise.js'

export interface CommandOptions {
  /** @default the program and its first argument: `node build.js`, `npm run build` */
  name?: string
  /** Relative to the app's working directory. @default the app's working directory */
  cwd?: string
  /** Added to the app's environment. */
  env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds, after which the whole process tree is stopped. @default no limit of its own */
  timeout?: number
}

/**
 * Changed paths reach the program as a JSON array in `LIVE_RELOAD_CHANGED`, or in the file `LIVE_RELOAD_CHANGED_FILE` when there are many.
 * `{outDir}` in an argument is the directory to write to (see `staged()`).
 * @throws FST_LIVE_RELOAD_INVALID_COMMAND, FST_LIVE_RELOAD_INVALID_OPTION
 */
export function command (given: string | readonly string[], options: CommandOptions = {}): Builder {
  const argv = toArgv(given)
  const { name = programName(argv), env, timeout } = runOptions('command', options, 'cwd')
  const cwd = options.cwd === undefined ? '.' : pathOf('command.cwd', options.cwd)
  const shown = typeof given === 'string' ? given : argv.join(' ')
  return {
    name,
    async build (request, context) {
      const { runCommand } = await import('./run-command.js')
      return runCommand({ argv, shown, cwd, env, timeout }, request, context)
    },
    async close () {
      const { dismissReaper } = await import('../processes/reaper-client.js')
      dismissReaper()
    }
  }
}
