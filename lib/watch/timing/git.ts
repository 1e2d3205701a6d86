// Whether git is changing the files of a working tree. A checkout or a rebase is one change, however long it takes.
import { readFileSync, statSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Clock } from '../../shared/clock.js'
import { directoryId } from '../index/fingerprint.js'
import { MAX_HELD_MS } from './batcher.js'

export interface GitSettings {
  /** Paths in working trees. */
  readonly roots: readonly string[]
  readonly clock: Clock
  log (text: string): void
}

/** Many tools lock the index for a moment, only to read the state. That is worth no line. */
const SILENT_MS = 250
/** What is there while git works, in its directory. */
const MARKS = ['index.lock', 'rebase-merge', 'rebase-apply']

interface Mark { readonly id: string, readonly since: number, isLogged: boolean }

export class Git {
  readonly #settings: GitSettings
  readonly #paths: readonly string[]
  /** By path. Those that exist, since they were seen first. */
  readonly #marks = new Map<string, Mark>()

  constructor (settings: GitSettings) {
    this.#settings = settings
    const directories = new Set(settings.roots.flatMap(root => gitDirectory(root) ?? []))
    this.#paths = [...directories].flatMap(directory => MARKS.map(name => join(directory, name)))
  }

  /** A mark that stays for longer than `MAX_HELD_MS` no longer counts: a killed git leaves its lock behind, and a rebase stops at a conflict. */
  isBusy (): boolean {
    // Each one is looked at, so that its time is known.
    return this.#paths.filter(path => this.#isFresh(path)).length > 0
  }

  #isFresh (path: string): boolean {
    const { clock, log } = this.#settings
    const id = identify(path)
    if (id === undefined) {
      this.#marks.delete(path)
      return false
    }
    const now = clock.now()
    const known = this.#marks.get(path)
    const mark = known?.id === id ? known : { id, since: now, isLogged: false }
    this.#marks.set(path, mark)
    const age = now - mark.since
    if (age >= SILENT_MS && !mark.isLogged) {
      mark.isLogged = true
      log(`git is at work (${path}): changes wait for its end, for at most ${MAX_HELD_MS / 1000} s`)
    }
    return age < MAX_HELD_MS
  }
}

/** Of the repository that a path belongs to. In a further working tree, or a submodule, `.git` is a file that names it. */
function gitDirectory (path: string): string | undefined {
  const git = join(path, '.git')
  const stat = statOf(git)
  if (stat?.isDirectory()) return git
  if (stat !== undefined) return linkedDirectory(git)
  return dirname(path) === path ? undefined : gitDirectory(dirname(path))
}

function linkedDirectory (file: string): string | undefined {
  try {
    const name = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
    return name === undefined ? undefined : resolve(dirname(file), name)
  } catch {
    return undefined
  }
}

function identify (path: string): string | undefined {
  const stat = statOf(path)
  return stat && directoryId(stat)
}

function statOf (path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // What cannot be read is no reason to wait.
    return undefined
  }
}
