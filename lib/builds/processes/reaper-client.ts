// Tells the reaper which process trees run. A server has one reaper, started with its first tree.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { nodeArguments } from './node-arguments.js'
import type { ProcessTree } from './process-tree.js'

const FILE = fileURLToPath(new URL('./reaper.js', import.meta.url))
const IS_BUILT = existsSync(FILE)
// What the server preloads would run a second time in the reaper: it may open a port, or end the process. Only the TypeScript of this library needs a loader.
const LOADERS = IS_BUILT ? [] : nodeArguments(process.execArgv)

const trees = new Map<string, ProcessTree>()
let reaper: ChildProcess | undefined

/**
 * The tree is killed when the server ends, however it ends. Called with the mark alone before the tree starts, so that a server killed at that moment leaves nothing behind.
 * Returns the undo.
 */
export function reapWithServer (tree: ProcessTree): () => void {
  trees.set(tree.mark, tree)
  if (reaper) track(tree)
  else startReaper()
  return () => {
    trees.delete(tree.mark)
    write(`-${tree.mark}`)
  }
}

/** Ends the reaper unless a tree is running. */
export function dismissReaper (): void {
  if (trees.size > 0) return
  reaper?.stdin?.end()
  reaper = undefined
}

function startReaper (): void {
  const child = reaper = spawn(process.execPath, [...LOADERS, FILE], {
    env: { ...process.env, ...IS_BUILT && { NODE_OPTIONS: '' } },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true
  })
  const onGone = (_?: unknown, signal?: unknown) => {
    if (reaper !== child) return
    reaper = undefined
    // Somebody has killed it, and trees still run. One that ended by itself would do so again.
    if (trees.size > 0 && signal) startReaper()
  }
  child.on('error', onGone).on('exit', onGone).unref()
  const stdin = child.stdin as unknown as Socket | undefined
  stdin?.on('error', () => {}).unref()
  for (const tree of trees.values()) track(tree)
}

function track ({ mark, pid }: ProcessTree): void {
  write(pid === undefined ? `+${mark}` : `+${mark} ${pid}`)
}

function write (line: string): void {
  reaper?.stdin?.write(`${line}\n`)
}
