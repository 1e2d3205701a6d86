// Paths of one machine -> paths of another: what lies in the working directory is named relative to it.
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Diagnostic } from '../../../../types/build.js'
import type { Page } from '../../../../types/shards.js'
import { withSlashes } from '../../../shared/paths.js'
import { isSafePath } from '../../shards/plan/paths.js'

/** Before a path that is absolute where it is used. */
const ABSOLUTE = 'absolute:'

/** Relative to `cwd` with `/`, or undefined when it lies elsewhere. */
export function pathWithin (cwd: string, path: string): string | undefined {
  const name = withSlashes(relative(cwd, resolve(cwd, path)))
  return isSafePath(name) ? name : undefined
}

/** Pages without a path of this machine, or the path that other machines cannot have. */
export function toPortable (cwd: string, pages: readonly Page[]): readonly Page[] | string {
  let foreign: string | undefined
  const move = (path: string): string => {
    const name = pathWithin(cwd, path)
    if (name === undefined) foreign ??= path
    return isAbsolute(path) ? `${ABSOLUTE}${name}` : path
  }
  const moved = pages.map(page => mapPaths(page, move))
  return foreign ?? moved
}

export function fromPortable (cwd: string, pages: readonly Page[]): readonly Page[] {
  return pages.map(page => mapPaths(page, path => path.startsWith(ABSOLUTE) ? join(cwd, path.slice(ABSOLUTE.length)) : path))
}

/** Files that pages are made from, as pages name them, in their order. */
export function sourcesOf (pages: readonly Page[]): string[] {
  return pages.flatMap(({ file, deps = [] }) => [...file === undefined ? [] : [file], ...deps])
}

/** A diagnostic of another machine, with the paths of this one. */
export function moveDiagnostic (one: Diagnostic, from: string, to: string): Diagnostic {
  const move = <T extends string | undefined>(text: T) => text?.replaceAll(from, to) as T
  return {
    ...one,
    message: move(one.message),
    ...one.file !== undefined && { file: move(one.file) },
    ...one.stack !== undefined && { stack: move(one.stack) }
  }
}

function mapPaths (page: Page, map: (path: string) => string): Page {
  return { ...page, ...page.file !== undefined && { file: map(page.file) }, ...page.deps !== undefined && { deps: page.deps.map(map) } }
}
