// .gitignore files, from the top of the repository down to the path that is asked about. Read again when they change.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import ignore, { type Ignore as Rules } from 'ignore'

interface Level {
  /** Size, time and inode of the file, or `''`. */
  readonly print: string
  readonly rules: Rules | undefined
}

const OPTIONS = { ignorecase: ['win32', 'darwin'].includes(process.platform) }
const FILE = '.gitignore'

export interface Gitignore {
  ignored (path: string, directory: boolean): boolean
  /** Whether rules changed: by this path, or (without one) above the root, where nothing is watched. */
  stale (path?: string): boolean
}

export function createGitignore (root: string): Gitignore {
  const above = findAbove(root)
  const levels = new Map<string, Level>()

  function levelOf (directory: string): Level {
    let level = levels.get(directory)
    if (level === undefined) levels.set(directory, level = read(directory))
    return level
  }

  function ask (path: string, directory: boolean, from: readonly string[]): boolean {
    let ignored = false
    for (const at of from) {
      const { rules } = levelOf(at)
      if (rules === undefined) continue
      const result = rules.test(slashed(relative(at, path)) + (directory ? '/' : ''))
      if (result.ignored) ignored = true
      else if (result.unignored) ignored = false
    }
    return ignored
  }

  /** A root inside of an ignored directory was named on purpose: what ignores it does not count below it. */
  const counting = (): string[] => above.filter(at => !ask(root, true, [at]))

  function between (path: string): string[] {
    const found: string[] = []
    for (let at = dirname(path); at.length >= root.length; at = dirname(at)) found.unshift(at)
    return found
  }

  let outer = counting()
  return {
    ignored: (path, directory) => ask(path, directory, [...outer, ...between(path)]),
    stale (path) {
      const asked = path === undefined ? above : basename(path) === FILE ? [dirname(path)] : []
      const changed = asked.filter(at => levels.has(at) && printOf(at) !== levels.get(at)?.print)
      for (const at of changed) levels.delete(at)
      if (changed.length > 0) outer = counting()
      return changed.length > 0
    }
  }
}

/** The directories above the root that belong to its repository, topmost first; none when there is no repository. */
function findAbove (root: string): string[] {
  const found: string[] = []
  for (let at = root; !existsSync(join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return []
    found.unshift(dirname(at))
  }
  return found
}

function printOf (directory: string): string {
  try {
    const stat = statSync(join(directory, FILE))
    return stat.isFile() ? `${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}:${stat.ino}` : ''
  } catch {
    return ''
  }
}

function read (directory: string): Level {
  const print = printOf(directory)
  try {
    return { print, rules: print === '' ? undefined : ignore(OPTIONS).add(readFileSync(join(directory, FILE), 'utf8')) }
  } catch {
    return { print, rules: undefined }
  }
}

const slashed = (path: string): string => path.replaceAll(sep, '/')
