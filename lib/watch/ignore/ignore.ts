// What is never watched: defaults, the app's rules and .gitignore files. Decided by path alone, never by content.
import { basename, isAbsolute, relative, sep } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import picomatch from 'picomatch'
import type { IgnoreRule } from '../../../types/options.js'
import { createGitignore } from './gitignore.js'

/** Always ignored, at any depth: version control, packages, and the files editors leave beside the real one. */
export const defaultIgnores: readonly string[] = Object.freeze([
  '.git', '.hg', '.svn', '.jj', 'node_modules', '.DS_Store', 'Thumbs.db',
  '4913', '.*.sw[a-p]', '*~', // vim
  '#*#', '.#*', // emacs
  '*___jb_tmp___', '*___jb_old___', // JetBrains
  '.*.kate-swp', '.goutputstream-*', '.subl*.tmp', '*.vsctmp', // kate, gedit, Sublime, VS Code
  '.*.live-reload-*', // our own drafts, before they are moved into place
  '.~lock.*#', '~$*', '.nfs[0-9a-f]*' // LibreOffice, Office, files NFS holds for an open handle
])

export interface IgnoreSettings {
  /** Globs with a slash are relative to it. */
  readonly root: string
  readonly rules: readonly IgnoreRule[]
  /** Absolute paths never looked into. */
  readonly exclude: readonly string[]
  readonly gitignore: boolean
  readonly log: FastifyBaseLogger
}

export interface Ignore {
  ignored (path: string, directory: boolean): boolean
  /** Whether rules changed: by this path, or (without one) above the root, where nothing is watched. */
  stale (path?: string): boolean
}

type Test = (path: string, directory: boolean) => boolean

const OPTIONS = { dot: true, nocase: ['win32', 'darwin'].includes(process.platform), strictSlashes: false } as const
const expressions = defaultIgnores.map(glob => picomatch.makeRe(glob, OPTIONS))
const isDefault = new RegExp(expressions.map(({ source }) => source).join('|'), expressions[0]?.flags)

export function createIgnore ({ root, rules, exclude, gitignore, log }: IgnoreSettings): Ignore {
  const excluded = new Set(exclude)
  const tests = rules.map(rule => ({ undo: isUndo(rule), test: compile(rule, root, log) }))
  const git = gitignore ? createGitignore(root) : undefined

  return {
    ignored (path, directory) {
      if (path === root) return false
      if (excluded.has(path) || isDefault.test(basename(path))) return true
      let ignored = git?.ignored(path, directory) ?? false
      for (const { undo, test } of tests) if (ignored === undo && test(path, directory)) ignored = !undo
      return ignored
    },
    stale: path => git?.stale(path) ?? false
  }
}

const isUndo = (rule: IgnoreRule): boolean => typeof rule === 'string' && rule.startsWith('!') && !rule.startsWith('!(')

function compile (rule: IgnoreRule, root: string, log: FastifyBaseLogger): Test {
  if (typeof rule === 'string') return compileGlob(isUndo(rule) ? rule.slice(1) : rule, root)
  return rule instanceof RegExp ? compileExpression(rule) : guard(rule, log)
}

/** Without a slash: a name at any depth. With one: relative to the root. Absolute: as it is. */
function compileGlob (rule: string, root: string): Test {
  const onlyDirectories = rule.endsWith('/')
  const glob = rule.replace(/^\.\//, '').replace(/\/+$/, '')
  const absolute = isAbsolute(glob)
  const matches = picomatch(absolute ? slashed(glob) : glob, OPTIONS)
  const byName = !glob.includes('/')
  return (path, directory) => {
    if (onlyDirectories && !directory) return false
    return matches(byName ? basename(path) : absolute ? slashed(path) : slashed(relative(root, path)))
  }
}

function compileExpression (rule: RegExp): Test {
  // A copy, always asked from the start: with the flags g or y the app's own object remembers where it stopped.
  const expression = new RegExp(rule)
  const matches = (text: string) => {
    expression.lastIndex = 0
    return expression.test(text)
  }
  return (path, directory) => matches(slashed(path)) || (directory && matches(`${slashed(path)}/`))
}

function guard (rule: (path: string) => boolean, log: FastifyBaseLogger): Test {
  let complained = false
  return path => {
    try {
      return rule(path) === true
    } catch (error) {
      const first = !complained
      complained = true
      if (first) log.warn({ err: error, path }, 'live reload: a function in `ignore` threw; the path counts as not ignored')
      return false
    }
  }
}

const slashed = (path: string): string => path.replaceAll(sep, '/')
