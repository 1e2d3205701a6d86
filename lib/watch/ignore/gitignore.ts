// The rules of .gitignore files, from the top of the repository down to the path in question. Files are read again when they change.
import { createRequire } from 'node:module'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type parser from 'ignore'
import type { Ignore } from 'ignore'
import { statFingerprint } from '../../shared/fingerprint.js'
import { withSlashes } from '../../shared/paths.js'

interface RuleFile { readonly fingerprint: string | undefined, readonly rules: Ignore | undefined }

const OPTIONS = { ignorecase: ['win32', 'darwin'].includes(process.platform) }
const FILE = '.gitignore'
/** Loads the parser when there is a file to parse. */
const require = createRequire(import.meta.url)
/** A shorter pattern always compiles. */
const MAX_SAFE_PATTERN = 500

export class Gitignore {
  readonly #root: string
  /** Directories above the root that belong to its repository. */
  readonly #above: readonly string[]
  readonly #files = new Map<string, RuleFile>()
  readonly #warn: (text: string) => void
  #outer: readonly string[]

  constructor (root: string, warn: (text: string) => void) {
    this.#root = root
    this.#warn = warn
    this.#above = directoriesAbove(root)
    this.#outer = this.#applicable()
  }

  ignored (path: string, directory: boolean): boolean {
    const inner: string[] = []
    for (let at = dirname(path); at.length >= this.#root.length; at = dirname(at)) inner.unshift(at)
    return this.#test(path, directory, [...this.#outer, ...inner])
  }

  /** Returns true when rules have changed since the last call: in this file, or (without a path) above the root, where nothing is watched. */
  refresh (path?: string): boolean {
    const asked = path === undefined ? this.#above : basename(path) === FILE ? [dirname(path)] : []
    const changed = asked.filter(at => this.#files.has(at) && fingerprintIn(at) !== this.#files.get(at)?.fingerprint)
    for (const at of changed) this.#files.delete(at)
    if (changed.length > 0) this.#outer = this.#applicable()
    return changed.length > 0
  }

  /** An app that names an ignored directory as a root means it, so what ignores the root does not count below it. */
  #applicable (): string[] {
    return this.#above.filter(at => !this.#test(this.#root, true, [at]))
  }

  #test (path: string, directory: boolean, from: readonly string[]): boolean {
    let ignored = false
    for (const at of from) {
      const result = this.#fileIn(at).rules?.test(withSlashes(relative(at, path)) + (directory ? '/' : ''))
      if (result?.ignored) ignored = true
      else if (result?.unignored) ignored = false
    }
    return ignored
  }

  #fileIn (directory: string): RuleFile {
    let file = this.#files.get(directory)
    if (file === undefined) this.#files.set(directory, file = readRules(directory, this.#warn))
    return file
  }
}

/** The directories above the root up to the top of its repository, topmost first; none outside of a repository. */
function directoriesAbove (root: string): string[] {
  const found: string[] = []
  for (let at = root; !existsSync(join(at, '.git')); at = dirname(at)) {
    if (dirname(at) === at) return []
    found.unshift(dirname(at))
  }
  return found
}

function fingerprintIn (directory: string): string | undefined {
  const stat = statSync(join(directory, FILE), { throwIfNoEntry: false })
  return stat?.isFile() ? statFingerprint(stat) : undefined
}

/** A file that cannot be read has no rules. */
function readRules (directory: string, warn: (text: string) => void): RuleFile {
  const fingerprint = fingerprintIn(directory)
  if (fingerprint === undefined) return { fingerprint, rules: undefined }
  try {
    const lines = readFileSync(join(directory, FILE), 'utf8').split(/\r?\n/)
    const usable = lines.map((line, i) => {
      if (line.length <= MAX_SAFE_PATTERN || line.startsWith('#') || compiles(line)) return line
      warn(`line ${i + 1} of ${join(directory, FILE)} is no pattern that can be used (${line.length} characters); it is skipped`)
      return ''
    })
    return { fingerprint, rules: parse(usable) }
  } catch {
    return { fingerprint, rules: undefined }
  }
}

function parse (lines: readonly string[]): Ignore {
  return (require('ignore') as typeof parser)(OPTIONS).add(lines)
}

/** The parser compiles a pattern when the first path is tested, and then throws for every path. It tests negated patterns for ignored paths only. */
function compiles (line: string): boolean {
  try {
    parse([line.replace(/^!/, '')]).test('a')
    return true
  } catch {
    return false
  }
}
