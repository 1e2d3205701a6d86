// A program of the system that a test needs: found, or installed where we may, or the one line that tells how.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Servers stand in `sbin`, which is not always on the path.
const find = (name: string) => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  .map(folder => join(folder, process.platform === 'win32' ? `${name}.exe` : name))
  .find(path => existsSync(path))

const apt = (...args: string[]) => spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=100', ...args], {
  stdio: 'ignore',
  env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
})

/** The path of a program. `debian` is the package that has it, if that has another name. */
export function systemProgram (name: string, debian = name): string {
  const found = find(name)
  if (found !== undefined) return found
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    // The list of packages may be absent or old.
    if (apt('install', '-y', '--no-install-recommends', debian).status !== 0) {
      apt('update')
      apt('install', '-y', '--no-install-recommends', debian)
    }
    const installed = find(name)
    if (installed !== undefined) return installed
  }
  throw new Error(`this test needs ${name}: install it${process.platform === 'linux' ? ` with "sudo apt-get install ${debian}"` : ''}`)
}
