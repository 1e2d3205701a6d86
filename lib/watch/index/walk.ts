// The directories below a root, before anything else is known of them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, isGone, sight } from './content.js'

export interface WalkHooks {
  directory (path: string, id: string): void
  ignored (path: string): void
  unreadable (path: string, code: string): void
}

export function * walk (root: string, ignored: (path: string, directory: boolean) => boolean, found: WalkHooks): Generator<void> {
  const stack = [root]
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const seen = sight(path, path === root)
    if (seen.kind !== 'directory') continue
    found.directory(path, seen.id)
    yield
    try {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue
        const inner = join(path, entry.name)
        if (ignored(inner, true)) found.ignored(inner)
        else stack.push(inner)
      }
    } catch (error) {
      if (!isGone(codeOf(error))) found.unreadable(path, codeOf(error))
    }
  }
}
