// What every watcher backend promises. Give it a factory; it drives a backend through real files.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import type { BackendHandle, WatchBackend } from '../../watch/backends/backend.js'
import { until, within, type Runner } from './wait.js'

export interface BackendSubject {
  make (): WatchBackend | Promise<WatchBackend>
  /** A backend that compares the disk at an interval opens what does not exist, too. @default false */
  readonly polls?: boolean
  /** Milliseconds to wait for a hint. @default 10_000 */
  readonly timeout?: number
}

const POLL_INTERVAL_MS = 30
/** Hints of what happened before `close()` have come by then. */
const SILENCE_MS = 200

/** A directory with an opened backend, and what it has hinted. */
class Scene {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-backend-'))
  readonly root = join(this.folder, 'root')
  readonly hints: (readonly string[] | undefined)[] = []
  readonly #timeout: number
  readonly #opened: Promise<BackendHandle>[] = []

  constructor (timeout: number) {
    this.#timeout = timeout
    this.write('page.html', 'one')
    this.write('sub/deep/page.html', 'one')
  }

  at (name: string): string {
    return join(this.root, ...name.split('/'))
  }

  write (name: string, text: string): string {
    const path = this.at(name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  async open (backend: WatchBackend, root = this.root): Promise<BackendHandle> {
    const onHint = async (paths: readonly string[] | undefined): Promise<boolean> => this.hints.push(paths) > 0
    const directories = (): string[] => [this.root, this.at('sub'), this.at('sub/deep')]
    const opened = backend.open(root, onHint, { ignored: [], directories, pollInterval: POLL_INTERVAL_MS, onLost: () => {} })
    this.#opened.push(opened)
    return await within(this.#timeout, 'open()', opened)
  }

  /** The same where nothing is in the way of it. */
  async reopen (backend: WatchBackend, when: string): Promise<BackendHandle> {
    return await this.open(backend).catch((error: unknown) => assert.fail(`a root is opened again ${when}; open() rejected with ${String(error)}`))
  }

  /** Something happens; settles when a hint says to look there: at the path, around it, or everywhere. */
  async hinted (path: string, happened: string, act: () => void): Promise<void> {
    this.hints.length = 0
    act()
    await until(() => this.hints.some(paths => paths === undefined || paths.some(one => path === one || path.startsWith(one + sep))), `a hint for ${path.slice(this.folder.length)}, which was ${happened}`, this.#timeout)
  }

  /** Closes also what is opened too late: it would keep the process alive. */
  async end (): Promise<void> {
    const closed = Promise.allSettled(this.#opened.map(async opened => { await (await opened).close() }))
    try {
      await within(this.#timeout, 'open() and close()', closed)
    } finally {
      rmSync(this.folder, { recursive: true, force: true })
    }
  }
}

type Case = (scene: Scene, backend: WatchBackend, subject: BackendSubject) => Promise<void>

/** Defines a test for each promise of a watcher backend, by `test` of node:test, tap or vitest. */
export function testBackend (name: string, subject: BackendSubject, { test }: Runner): void {
  for (const [what, check] of Object.entries(CASES)) {
    test(`${name}: ${what}`, async () => {
      const scene = new Scene(subject.timeout ?? 10_000)
      try {
        await check(scene, await subject.make(), subject)
      } finally {
        await scene.end()
      }
    })
  }
}

const CASES: Readonly<Record<string, Case>> = {
  'hints at files that are written, made, renamed and removed': async (scene, backend) => {
    await scene.open(backend)
    const [page, deep, fresh, moved] = ['page.html', 'sub/deep/page.html', 'sub/new.html', 'sub/moved.html'].map(name => scene.at(name)) as [string, string, string, string]
    await scene.hinted(page, 'written', () => writeFileSync(page, 'two'))
    await scene.hinted(deep, 'written', () => writeFileSync(deep, 'two'))
    await scene.hinted(fresh, 'made', () => writeFileSync(fresh, 'one'))
    await scene.hinted(moved, 'renamed', () => renameSync(fresh, moved))
    await scene.hinted(moved, 'removed', () => unlinkSync(moved))
  },

  'hints at a directory that is made, and at what is in it where it follows': async (scene, backend) => {
    await scene.open(backend)
    await scene.hinted(scene.at('sub/made'), 'made', () => mkdirSync(scene.at('sub/made')))
    const inside = scene.at('sub/made/page.html')
    if (backend.followsNewDirectories) await scene.hinted(inside, 'made in a new directory', () => writeFileSync(inside, 'one'))
  },

  'names paths below the root that it was given': async (scene, backend) => {
    await scene.open(backend)
    await scene.hinted(scene.at('page.html'), 'written', () => scene.write('page.html', 'two'))
    const outside = scene.hints.flatMap(paths => paths ?? []).filter(path => path !== scene.root && !path.startsWith(scene.root + sep))
    assert.deepEqual(outside, [], `a hint has paths below the root that was given; also ${outside.join(', ')}`)
  },

  'watches a single file': async (scene, backend) => {
    const page = scene.at('page.html')
    await scene.open(backend, page)
    await scene.hinted(page, 'written', () => writeFileSync(page, 'two'))
  },

  'refuses what does not exist, with a code': async (scene, backend, { polls = false }) => {
    if (polls) return
    await assert.rejects(scene.open(backend, scene.at('gone')), (error: Error & { code?: unknown }) => typeof error.code === 'string' && error.code !== '', 'open() of what does not exist rejects with an Error that has a `code`')
  },

  'is silent when it is closed, and may be closed twice': async (scene, backend) => {
    const handle = await scene.open(backend)
    await scene.hinted(scene.at('page.html'), 'written', () => scene.write('page.html', 'two'))
    await handle.close()
    await handle.close().catch((error: unknown) => assert.fail(`close() may be called twice; it rejected with ${String(error)}`))
    // What was on its way comes now.
    await new Promise(resolve => setTimeout(resolve, SILENCE_MS))
    scene.hints.length = 0
    scene.write('page.html', 'three')
    await new Promise(resolve => setTimeout(resolve, SILENCE_MS))
    assert.equal(scene.hints.length, 0, 'there are no hints after close()')
  },

  'two handles work side by side where they may, one after the other everywhere': async (scene, backend) => {
    const first = await scene.open(backend)
    if (!backend.canOverlap) await first.close()
    await scene.reopen(backend, backend.canOverlap ? 'while it is open, which `canOverlap` says' : 'after close()')
    if (backend.canOverlap) await first.close()
    await scene.hinted(scene.at('page.html'), 'written', () => scene.write('page.html', 'two'))
  }
}
