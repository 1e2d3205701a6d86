// A program of the system that a test needs: found, or installed where we may, or the one line that tells how.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export function systemProgram (path: string, debian: string): string {
  if (existsSync(path)) return path
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debian], { stdio: 'ignore' })
    if (existsSync(path)) return path
  }
  throw new Error(`this test needs ${path}: install it with "sudo apt-get install ${debian}"`)
}
