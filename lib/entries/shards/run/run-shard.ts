// Runs in a worker: calls the app's module for one shard, and leaves its result and its files where the server finds them.
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { resourceUsage } from 'node:process'
import { serialize } from 'node:v8'
import type { PartialShardResult, ShardContext, ShardFile, ShardModule, ShardTask } from '../../../../types/shards.js'
import { Packer, type PackerStage } from './packer.js'
import { checkPiece, emptyResult, type OpenResult } from './result.js'

export interface ShardRun {
  readonly task: ShardTask
  /** Absolute. The result goes to this file, the contents of the files to the same name with `.files`. */
  readonly artifact: string
  /** Where the files are written ready to be moved. Its directory is made here. */
  readonly stage?: PackerStage | undefined
}

export interface ShardEnd {
  /** Milliseconds. */
  readonly ms: number
  /** Bytes. */
  readonly peakMemory: number
}

export default async function runShard (build: ShardModule, { task, artifact, stage }: ShardRun, context: ShardContext): Promise<ShardEnd> {
  const start = performance.now()
  // Synchronous, here and in the packer: a small shard would wait for the file system for longer than it works.
  mkdirSync(task.outDir, { recursive: true })
  if (stage !== undefined) makeStage(stage.dir)
  const packer = new Packer(`${artifact}.files`, stage)
  // A module that never ends, in the process of the server, would keep its file open.
  const abandon = (): void => packer.abandon()
  context.signal.addEventListener('abort', abandon)
  const result = emptyResult()
  let files: ShardFile[]
  try {
    context.signal.throwIfAborted()
    let done = 0
    for await (const piece of piecesOf(build(task, context))) {
      context.signal.throwIfAborted()
      addPiece(result, packer, checkPiece(piece))
      context.progress({ label: 'pages', done: Math.min(++done, task.pages.length), total: task.pages.length })
    }
    await packer.addDirectory(task.outDir)
  } finally {
    context.signal.removeEventListener('abort', abandon)
    files = packer.end()
    await remove(task.outDir)
  }
  // Given up since, it may lack something.
  context.signal.throwIfAborted()
  checkOutputs(task, result, packer.paths)
  const ms = performance.now() - start
  writeFileSync(artifact, serialize({ result, files, ms, staged: packer.staged }))
  // Kilobytes; of the whole process in a thread as well.
  return { ms, peakMemory: resourceUsage().maxRSS * 1024 }
}

/** Not `recursive`: after an abort the directory above is gone, and stays so. A second try finds what the first one made. */
function makeStage (dir: string): void {
  try {
    mkdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Most modules leave it empty. */
async function remove (dir: string): Promise<void> {
  try {
    rmdirSync(dir)
  } catch {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A generator gives them, async or not. A list is a mistake, which `checkPiece()` names. */
async function * piecesOf (given: ReturnType<ShardModule>): AsyncGenerator<unknown> {
  const value: unknown = await given
  const isIterable = typeof value === 'object' && value !== null && !Array.isArray(value) && (Symbol.asyncIterator in value || Symbol.iterator in value)
  if (isIterable) yield * value as AsyncIterable<unknown> | Iterable<unknown>
  else yield value
}

function addPiece (result: OpenResult, packer: Packer, { files = {}, tagManifest = {}, ...lists }: PartialShardResult): void {
  for (const [path, contents] of Object.entries(files)) packer.add(path, contents)
  for (const [tag, pages] of Object.entries(tagManifest)) {
    // Not by index: a tag may be called `__proto__`.
    const before = Object.hasOwn(result.tagManifest, tag) ? result.tagManifest[tag] as typeof pages : []
    Object.defineProperty(result.tagManifest, tag, { value: [...before, ...pages], enumerable: true, configurable: true, writable: true })
  }
  for (const [name, items] of Object.entries(lists)) {
    const list = Reflect.get(result, name) as unknown[]
    for (const item of items as unknown[]) list.push(item)
  }
}

/** Every file that was announced has to be there. Without `renderedPages` all of them are. */
function checkOutputs ({ pages }: ShardTask, result: OpenResult, written: ReadonlySet<string>): void {
  for (const { id, outputs = [] } of pages) {
    const missing = outputs.find(path => !written.has(path))
    if (missing !== undefined) throw new Error(`the page ${id} was not written to ${missing}`)
  }
  const claimed = result.renderedPages.find(path => !written.has(path))
  if (claimed !== undefined) throw new Error(`\`renderedPages\` names ${claimed}, which was not written`)
  if (result.renderedPages.length === 0) result.renderedPages.push(...[...written].sort())
}
