// The plugins of a directory, by the conventions of @fastify/autoload, in the order in which they are loaded.
import { readdirSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { withSlashes } from '../../../shared/paths.js'
import { realPath } from '../../../shared/sources/real-path.js'

export interface PluginFile {
  /** Its path in the directory without extension and `/index`. */
  readonly name: string
  /** Absolute, without symbolic links. */
  readonly file: string
  /** From the directories it is in; empty at the top. */
  readonly prefix: string
}

/** What Node runs as it is comes first where both are there. */
const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']
const LEFT_OUT = /^[._]|[.-](?:test|spec)\.[^.]+$|\.d\.[cm]?ts$|^(?:node_modules|test|__tests__)$/

/** A directory that is missing has none. */
export function discover (dir: string): PluginFile[] {
  const found: PluginFile[] = []
  collect(dir, dir, found)
  return found
}

function collect (root: string, dir: string, found: PluginFile[]): void {
  const entries = readEntries(dir)
  const files = new Map<string, string>()
  for (const extension of [...EXTENSIONS].reverse()) {
    for (const { name } of entries.filter(entry => !entry.isDirectory() && entry.name.endsWith(extension))) files.set(basename(name, extension), join(dir, name))
  }
  const prefix = dir === root ? '' : `/${withSlashes(relative(root, dir))}`
  const index = dir === root ? undefined : files.get('index')
  // What is beside an index belongs to its plugin.
  if (index !== undefined) {
    found.push({ name: withSlashes(relative(root, dirname(index))), file: realPath(index), prefix })
    return
  }
  const all = [...[...files].map(([name, file]) => ({ name, file })), ...entries.filter(entry => entry.isDirectory()).map(({ name }) => ({ name, file: undefined }))]
  for (const { name, file } of all.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0)) {
    if (file === undefined) collect(root, join(dir, name), found)
    else found.push({ name: withSlashes(relative(root, join(dir, name))), file: realPath(file), prefix })
  }
}

function readEntries (dir: string): { name: string, isDirectory (): boolean }[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.test(name))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String(Reflect.get(error as object, 'code')))) return []
    throw error
  }
}
