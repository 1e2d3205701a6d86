// One root as the rest of this folder uses it: which of its files answers a path, and which options @fastify/static gets.
import { statSync, type Stats } from 'node:fs'
import { extname, join } from 'node:path'
import { check, oneOf } from '../options/check.js'
import { errors } from '../errors.js'
import type { RootSettings } from '../options/settings.js'
import { checkFile, type Dotfiles, type GuardedRoot, type Refusal } from '../shared/file-gate.js'

export interface StaticRoot extends GuardedRoot {
  readonly spa: string | false
  readonly list: boolean
  readonly redirect: boolean
  readonly index: readonly string[]
  readonly extensions: readonly string[]
}

export interface FoundFile {
  readonly kind: 'file'
  readonly root: StaticRoot
  readonly names: readonly string[]
}

/** `directory`: one that was asked for without its last slash. */
export type Found = FoundFile | (Omit<FoundFile, 'kind'> & { readonly kind: 'directory' })

export function readRoot ({ path, spa, list, followSymlinks, static: given }: RootSettings): StaticRoot {
  return {
    path,
    spa,
    list: Boolean(list),
    followSymlinks,
    dotfiles: check<Dotfiles>('root.dotfiles', given.dotfiles ?? 'ignore', "'allow', 'deny' or 'ignore'", oneOf('allow', 'deny', 'ignore')),
    redirect: given.redirect !== false,
    index: given.index === false ? [] : names('index', given.index ?? 'index.html'),
    extensions: names('extensions', given.extensions ?? [])
  }
}

function names (option: string, given: unknown): string[] {
  return [given].flat().map(name => check(`root.${option}`, name, 'a name or a list of names', (v): v is string => typeof v === 'string' && v !== ''))
}

/** Which file of the root @fastify/static will send. `directory`: the path ended with a slash. */
export function findFile (root: StaticRoot, names: readonly string[], directory: boolean): Found | undefined {
  const last = names.at(-1)
  const is = (...tried: string[]) => stat(join(root.path, ...tried))?.isFile() === true
  const index = () => root.index.find(name => is(...names, name))
  if (directory || last === undefined) {
    const found = index()
    return found === undefined ? undefined : { kind: 'file', root, names: [...names, found] }
  }
  const seen = stat(join(root.path, ...names))
  if (seen?.isDirectory()) return (root.redirect && index() !== undefined) || root.list ? { kind: 'directory', root, names } : findFile(root, names, true)
  if (seen !== undefined) return { kind: 'file', root, names }
  const extension = extname(last) === '' ? root.extensions.find(one => is(...names.slice(0, -1), `${last}.${one}`)) : undefined
  return extension === undefined ? undefined : { kind: 'file', root, names: [...names.slice(0, -1), `${last}.${extension}`] }
}

function stat (path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** True when the file may be sent, false when the answer is that there is none. @throws FST_LIVE_RELOAD_FORBIDDEN_FILE */
export function allow (root: GuardedRoot, names: readonly string[]): boolean {
  return pass(checkFile(root, names))
}

/** @throws FST_LIVE_RELOAD_FORBIDDEN_FILE */
export function pass (refusal: Refusal | undefined): boolean {
  if (refusal?.status === 403) throw Object.assign(new errors.FST_LIVE_RELOAD_FORBIDDEN_FILE(`live reload: this file is not served: ${refusal.reason}`), { statusCode: 403 })
  return refusal === undefined
}
