// A temporary project directory that goes away with the test.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Folder {
  readonly path: string
  /** Writes a file, with its directories, and gives its path back. */
  write (name: string, content: string | Buffer): string
  at (name: string): string
}

/** Outside of tap's own test directory: no `.gitignore` and no watched parent in the way. */
export function folder (t: { teardown (fn: () => void): void }, files: Record<string, string> = {}): Folder {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
  const at = (name: string) => join(path, name)
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), content)
    return at(name)
  }
  for (const [name, content] of Object.entries(files)) write(name, content)
  return { path, write, at }
}

/** The same for a whole test file: its path, removed after all tests. */
export function temporary (after: (fn: () => void) => void): string {
  return folder({ teardown: fn => after(fn) }).path
}
