// Where an app goes, and how it gets there: whole, or not at all.
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, lstatSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { isWithin } from '../../../shared/paths.js'
import { UsageError } from '../command.js'
import type { AppFiles } from './app.js'

export interface Target {
  /** Of the app, which is that of its directory. */
  readonly name: string
  readonly directory: string
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/
const TAKEN = ['node_modules', 'favicon.ico', ...builtinModules]

/** @throws UsageError for a name that npm refuses, and for a place that is taken. */
export function findTarget (given: string, cwd: string): Target {
  const directory = resolve(cwd, given)
  const name = basename(directory)
  if (!NAME.test(name) || TAKEN.includes(name)) throw new UsageError(`${JSON.stringify(name)} cannot be the name of an npm package: take lower-case letters, digits, "-", "." and "_", and no name that Node.js has`)
  if (isWithin(directory, cwd)) throw new UsageError(`${given} is the working directory, or above it: run the command beside the new app, with its name`)
  if (lstatSync(dirname(directory), { throwIfNoEntry: false }) === undefined) throw new UsageError(`${dirname(directory)} does not exist: make it, or name another place`)
  const stat = lstatSync(directory, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink() === true) throw new UsageError(`${given} is a symbolic link: name the directory itself`)
  if (stat?.isDirectory() === false) throw new UsageError(`${given} is a file: name another directory; nothing is overwritten`)
  if (stat !== undefined && readdirSync(directory).length > 0) throw new UsageError(`${given} is there and not empty: name another directory; nothing is overwritten`)
  return { name, directory }
}

/** A directory beside the place of an app, so that a rename takes it there at once. */
export class Staging {
  readonly path: string
  readonly #target: Target

  constructor (target: Target) {
    this.#target = target
    this.path = join(dirname(target.directory), `.${target.name.slice(0, 40)}-${randomUUID()}`)
    asked(() => mkdirSync(this.path), dirname(this.path))
  }

  write (files: AppFiles): void {
    for (const [path, text] of files) {
      const file = join(this.path, path)
      asked(() => {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text, { flag: 'wx' })
      }, path)
    }
  }

  /** @throws UsageError when the place was taken meanwhile. */
  move (): void {
    const { directory } = this.#target
    try {
      // Windows renames over no directory, empty or not. One that is not empty stays.
      if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) rmdirSync(directory)
      renameSync(this.path, directory)
    } catch (error) {
      throw new UsageError(`${directory} could not be made (${(error as NodeJS.ErrnoException).code}): see what is there now; nothing was overwritten`)
    }
  }

  remove (): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What the system refuses is one line for people. */
function asked (work: () => void, what: string): void {
  try {
    work()
  } catch (error) {
    throw new UsageError(`${what} could not be written (${(error as NodeJS.ErrnoException).code}): nothing was made; see who may write there, and whether there is room`)
  }
}
