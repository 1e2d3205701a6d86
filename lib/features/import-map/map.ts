// The files of libraries -> their addresses, and the import map that leads to them. Pure.
import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import { withSlashes } from '../../shared/paths.js'
import type { Package } from './packages.js'
import type { Trace, TracedModule } from './trace.js'

export interface LibraryMap {
  readonly imports: Readonly<Record<string, string>>
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface Library {
  readonly map: LibraryMap
  /** By what stands behind `base` in an address, decoded. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** What a package says that browsers do not need. */
const EMPTY = 'empty.js'

/** `base`: the address of the files, `/__libraries/`. `cwd`: two copies of a package are told apart by their place below it. */
export function mapLibraries ({ entries, modules }: Trace, base: string, cwd: string): Library {
  const folders = nameFolders([...modules.values()], cwd)
  const files = new Map<string, Buffer>()
  const scopes: Record<string, Record<string, string>> = {}
  const pathOf = ({ file, package: { root } }: TracedModule): string => `${folders.get(root) as string}/${withSlashes(relative(root, file))}`
  const urlOf = (file: string | false): string => base + encodePath(file === false ? EMPTY : pathOf(modules.get(file) as TracedModule))
  const imports = Object.fromEntries([...entries].map(([name, file]) => [name, urlOf(file)]))

  for (const module of modules.values()) {
    files.set(pathOf(module), module.content)
    for (const [specifier, target] of module.imports) {
      if (target === false) files.set(EMPTY, Buffer.from('export default {}\n'))
      const key = /^\.\.?(?:\/|$)/.test(specifier) ? new URL(specifier, `http://x${urlOf(module.file)}`).pathname : specifier
      const url = urlOf(target)
      // Most files are where their neighbours look for them, and one name means the same to all.
      if (key === url || imports[key] === url) continue
      const scope = scopes[`${base}${encodePath(folders.get(module.package.root) as string)}/`] ??= {}
      scope[key] = url
    }
  }
  return { map: { imports, scopes }, files }
}

/** `lit@3.3.3-5f2c…` for the directory of each package. Its hash covers all that is served of it: what has an address never changes. */
function nameFolders (modules: readonly TracedModule[], cwd: string): Map<string, string> {
  const parts = new Map<string, { readonly package: Package, readonly files: TracedModule[] }>()
  for (const module of modules) {
    const known = parts.get(module.package.root) ?? { package: module.package, files: [] }
    known.files.push(module)
    parts.set(module.package.root, known)
  }
  return new Map([...parts].map(([root, { package: { name, version }, files }]) => {
    const hash = createHash('sha256').update(withSlashes(relative(cwd, root)))
    for (const { file, content } of files.sort((a, b) => a.file < b.file ? -1 : 1)) hash.update(`\0${withSlashes(relative(root, file))}\0`).update(content)
    return [root, `${name}@${version}-${hash.digest('hex').slice(0, 12)}`]
  }))
}

function encodePath (path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent)
}
