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
  readonly stat: Stats
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
  const file = (...tried: string[]): FoundFile | undefined => {
    const seen = stat(root, tried)
    return seen?.isFile() === true ? { kind: 'file', root, names: tried, stat: seen } : undefined
  }
  const index = () => first(root.index, name => file(...names, name))
  if (directory || last === undefined) return index()
  const seen = stat(root, names)
  if (seen?.isDirectory()) return (root.redirect && index() !== undefined) || root.list ? { kind: 'directory', root, names, stat: seen } : index()
  if (seen !== undefined) return { kind: 'file', root, names, stat: seen }
  return extname(last) === '' ? first(root.extensions, one => file(...names.slice(0, -1), `${last}.${one}`)) : undefined
}

/** What `find` finds first. */
export function first<T, R> (all: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}

function stat (root: StaticRoot, names: readonly string[]): Stats | undefined {
  try {
    return statSync(join(root.path, ...names), { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** True when the file may be sent, false when the answer is that there is none. @throws FST_LIVE_RELOAD_FORBIDDEN_FILE */
export function allow (root: GuardedRoot, names: readonly string[], stat?: Stats): boolean {
  return pass(checkFile(root, names, stat))
}

/** @throws FST_LIVE_RELOAD_FORBIDDEN_FILE */
export function pass (refusal: Refusal | undefined): boolean {
  if (refusal?.status === 403) throw Object.assign(new errors.FST_LIVE_RELOAD_FORBIDDEN_FILE(`live reload: this file is not served: ${refusal.reason}`), { statusCode: 403 })
  return refusal === undefined
}
