// What is never watched: defaults, the app's rules, .gitignore files, and what `include` leaves out. Decided by path alone.
import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type matcher from 'picomatch'
import type { IgnoreRule } from '../../../types/options.js'
import { show } from '../../errors.js'
import { callSafely } from '../../shared/call.js'
import { pathWithin, withSlashes } from '../../shared/paths.js'
import { Gitignore } from './gitignore.js'

/** Always ignored, at any depth: version control, packages, and the files editors leave beside the real one. */
const DEFAULTS: readonly string[] = [
  '.git', '.hg', '.svn', '.jj', 'node_modules', '.DS_Store', 'Thumbs.db',
  '4913', '.*.sw[a-p]', '*~', // vim
  '#*#', '.#*', // emacs
  '*___jb_tmp___', '*___jb_old___', // JetBrains
  '.*.kate-swp', '.goutputstream-*', '.subl*.tmp', '*.vsctmp', // kate, gedit, Sublime, VS Code
  '.*.live-reload-*', // our own drafts, before they are moved into place
  '.~lock.*#', '~$*', '.nfs[0-9a-f]*', // LibreOffice, Office, files NFS keeps for an open handle
  '.idea', '.vscode', // settings of editors
  // What builders keep for themselves, often inside of their sources.
  '.cache', '.parcel-cache', '.sass-cache', '.jekyll-cache', '.jekyll-metadata', '.docusaurus', '.astro', '.svelte-kit', '.turbo', '.vite', '.next', '.nuxt', '.nyc_output', '__pycache__',
  '.eslintcache', '.stylelintcache', '*.tsbuildinfo', '.hugo_build.lock', '*.timestamp-*.mjs', '*.config.bundled_*.mjs'
]
/** The same for directories with common names, in these directories. */
const NESTED: Readonly<Record<string, readonly string[]>> = { '.vitepress': ['cache', '.temp'], '.vuepress': ['.cache', '.temp'], resources: ['_gen'] }

export interface IgnoreSettings {
  /** Globs with a slash are relative to it. */
  readonly root: string
  readonly rules: readonly IgnoreRule[]
  /** Globs, as in `rules`. @default every file */
  readonly include?: readonly string[] | undefined
  /** Absolute paths that are never entered. */
  readonly exclude: readonly string[]
  readonly gitignore: boolean
  readonly log: FastifyBaseLogger
}

export interface Ignore {
  ignored (path: string, directory: boolean): boolean
  /** False for files that are watched only because of the rules in them. */
  included (path: string): boolean
  /** Returns true when .gitignore rules have changed: in this file, or (without a path) above the root, where nothing is watched. */
  refresh (path?: string): boolean
}

type Test = (path: string, directory: boolean) => boolean

const IGNORE_CASE = ['win32', 'darwin'].includes(process.platform)
/** Loads the matcher when there is a glob to match. */
const require = createRequire(import.meta.url)
const isDefault = new RegExp(`^(?:${DEFAULTS.map(toExpression).join('|')})$`, `s${'i'.repeat(Number(IGNORE_CASE))}`)

export function createIgnore ({ root, rules, include, exclude, gitignore, log }: IgnoreSettings): Ignore {
  const excluded = new Set(exclude)
  // Of test coverage. In a folder that is served it may be a page, and deeper down anything.
  const report = join(root, 'coverage')
  const tests = rules.map(rule => ({ negated: isNegated(rule), test: compile(rule, root, log) }))
  const wanted = include?.map(glob => compile(glob, root, log, 'include'))
  const included = (path: string): boolean => wanted === undefined || path === root || wanted.some(test => test(path, false))
  const git = gitignore ? new Gitignore(root, text => log.warn(`live reload: ${text}`)) : undefined

  return {
    included,
    ignored (path, directory) {
      if (path === root) return false
      if (!directory && !(git !== undefined && basename(path) === '.gitignore') && !included(path)) return true
      if (excluded.has(path) || isDefault.test(basename(path)) || isNested(path) || (gitignore && directory && path === report)) return true
      let ignored = git?.ignored(path, directory) ?? false
      for (const { negated, test } of tests) if (ignored === negated && test(path, directory)) ignored = !negated
      return ignored
    },
    refresh: path => git?.refresh(path) ?? false
  }
}

/** Whether changes of this file below `root` are reported: neither it nor a directory above it is left out. */
export function isSeen ({ ignored, included }: Pick<Ignore, 'ignored' | 'included'>, root: string, path: string): boolean {
  const below = pathWithin(root, path)
  if (below === undefined || ignored(path, false) || !included(path)) return false
  const names = below.split(sep)
  return !names.some((_name, i) => i > 0 && ignored(join(root, ...names.slice(0, i)), true))
}

const isNested = (path: string): boolean => NESTED[basename(dirname(path))]?.includes(basename(path)) === true

/** The defaults use `*` and character classes only. */
function toExpression (glob: string): string {
  return glob.replace(/[.$]/g, '\\$&').replaceAll('*', '.*')
}

const isNegated = (rule: IgnoreRule): boolean => typeof rule === 'string' && rule.startsWith('!') && !rule.startsWith('!(')

function compile (rule: IgnoreRule, root: string, log: FastifyBaseLogger, option: 'ignore' | 'include' = 'ignore'): Test {
  if (typeof rule === 'string') return guard(rule, compileGlob(isNegated(rule) ? rule.slice(1) : rule, root), log, option)
  return guard(rule, rule instanceof RegExp ? compileExpression(rule) : path => rule(path), log, option)
}

/** Without a slash: a name at any depth. With one: relative to the root. Absolute: as it is. */
function compileGlob (rule: string, root: string): Test {
  const onlyDirectories = rule.endsWith('/')
  const glob = rule.replace(/^\.\//, '').replace(/\/+$/, '')
  const absolute = isAbsolute(glob)
  let compiled: ((path: string) => boolean) | undefined
  const matches = (path: string): boolean => (compiled ??= (require('picomatch') as typeof matcher)(absolute ? withSlashes(glob) : glob, { dot: true, nocase: IGNORE_CASE, strictSlashes: false }))(path)
  const byName = !glob.includes('/')
  return (path, directory) => {
    if (onlyDirectories && !directory) return false
    return matches(byName ? basename(path) : withSlashes(absolute ? path : relative(root, path)))
  }
}

/** `search` ignores the state that `test` keeps in an expression with the flags g or y. */
function compileExpression (rule: RegExp): Test {
  return (path, directory) => withSlashes(path).search(rule) !== -1 || (directory && `${withSlashes(path)}/`.search(rule) !== -1)
}

/** A rule that fails for one path may fail for all: too long a glob does. It is reported once. */
function guard (rule: IgnoreRule, test: Test, log: FastifyBaseLogger, option: 'ignore' | 'include'): Test {
  let warned = false
  return (path, directory) => callSafely(() => test(path, directory), err => {
    const first = !warned
    warned = true
    if (first) log.warn({ err, path }, `live reload: ${typeof rule === 'function' ? 'a function' : `the pattern ${show(rule)}`} in \`${option}\` failed; the path counts as not ${option}d`)
  }) === true
}
