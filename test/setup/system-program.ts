// Finds the programs that a test starts and npm does not bring.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a program. @throws when it is not installed, with the command that installs it */
export function systemProgram (name: string): string {
  // Servers lie in `sbin`, which is not always on the path.
  const found = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map(folder => join(folder, process.platform === 'win32' ? `${name}.exe` : name))
    .find(path => existsSync(path))
  if (found === undefined) throw new Error(`this test needs ${name}: run scripts/install-system-programs.sh --browsers (Debian), or install it with the package manager of this system`)
  return found
}
