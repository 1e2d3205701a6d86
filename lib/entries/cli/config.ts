// The config module: the options that the app also gives to `app.register(liveReload, options)`.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LiveReloadOptions } from '../../../types/options.js'
import { describe } from '../../builds/diagnostics/describe.js'
import { typescriptArguments } from '../../builds/processes/node-arguments.js'
import { parseOptions } from '../../options/parse.js'
import type { Settings } from '../../options/settings.js'
import { shortenPath } from '../../shared/paths.js'
import { UsageError } from './command.js'

const NAMES = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map(extension => `live-reload.config.${extension}`)

/** `given`: the path of `--config`. @throws UsageError */
export async function loadConfig (given: string | undefined, cwd: string): Promise<Settings> {
  const file = find(given, cwd)
  const shown = shortenPath(cwd, file)
  const options = await read(file, shown, cwd)
  let settings: Settings
  try {
    settings = parseOptions(options as LiveReloadOptions, cwd)
  } catch (error) {
    throw new UsageError(`${shown}: ${(error as Error).message}`)
  }
  if (settings.builds.length === 0) throw new UsageError(`${shown} has no \`build\`: export the options of the plugin, { build: { source, builder } }`)
  return settings
}

function find (given: string | undefined, cwd: string): string {
  if (given !== undefined) {
    const file = resolve(cwd, given)
    if (!existsSync(file)) throw new UsageError(`--config names ${given}, which does not exist`)
    return file
  }
  const name = NAMES.find(one => existsSync(join(cwd, one)))
  if (name === undefined) throw new UsageError(`there is no live-reload.config.js (.mjs, .cjs, .ts, .mts, .cts) in ${cwd}: make one that exports the options of the plugin, or name it by --config`)
  return join(cwd, name)
}

async function read (file: string, shown: string, cwd: string): Promise<unknown> {
  try {
    // The loader of TypeScript that the app has, where Node itself reads none.
    for (const loader of typescriptArguments(file, cwd).filter(one => one !== '--import')) await import(loader)
    const module = await import(pathToFileURL(file).href) as Record<string, unknown>
    return await (module.default ?? module)
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UsageError(`Node.js ${process.versions.node} does not read ${shown}: install tsx, take Node.js 22.18 or newer, or write the config in JavaScript`)
    }
    const { message, file: at, line } = describe(error)
    throw new UsageError(`${shown} could not be loaded: ${message.replace(/\s*\n\s*/g, ' ')}${at === undefined ? '' : ` (${shortenPath(cwd, at)}:${line})`}`)
  }
}
