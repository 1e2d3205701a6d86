// `require` of a file that is evaluated: what it asks for comes at once, as Node would give it.
import { createRequire } from 'node:module'

/** What a specifier means for the file, as far as it is known without asking Node. */
interface Known {
  /** A file of the project; `undefined` for all else. */
  readonly file?: string
}

export interface RequireParts {
  /** The file that requires. */
  readonly from: string
  /** What a scan has found for a specifier. */
  known (specifier: string): Known | undefined
  /** The exports of a file that is evaluated; `undefined` when Node's own are wanted. */
  evaluated (file: string): { readonly exports: unknown } | undefined
  /** Whether a file that no scan has found is one of the project. */
  isOwn (specifier: string, file: string): boolean
  /** Such a file was required. */
  noticed (file: string): void
}

export function createHotRequire ({ from, known, evaluated, isOwn, noticed }: RequireParts): NodeJS.Require {
  const native = createRequire(from)

  function locate (specifier: string): string | undefined {
    const found = known(specifier)
    if (found !== undefined) return found.file
    const file = native.resolve(specifier)
    if (!isOwn(specifier, file)) return undefined
    noticed(file)
    return file
  }

  function require (specifier: string): unknown {
    const file = locate(specifier)
    const own = file === undefined ? undefined : evaluated(file)
    return own === undefined ? native(file ?? specifier) : own.exports
  }
  return Object.assign(require, { resolve: native.resolve, cache: native.cache, extensions: native.extensions, main: native.main })
}
