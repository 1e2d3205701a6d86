// What every backend must hold, driven through real files.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { test, type Test } from 'tap'
import type { BackendName } from '../../types/options.js'
import { folder, type Folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { backends, watching } from './watching.js'

type Watching = ReturnType<typeof watching>
interface Scene {
  readonly files?: Record<string, string>
  /** What happens; gives the path back (below the root) that must be told, and must be told again after an edit. */
  run (f: Folder, w: Watching): string | Promise<string>
  root?: (f: Folder) => string
}

const RUNS = times(1, 100)

const scenes: Record<string, Scene> = {
  'mkdir -p and write at once': {
    run (f) { f.write('www/a/b/c/d/page.html', 'one'); return 'a/b/c/d/page.html' }
  },
  'a tree renamed into the root': {
    files: { 'outside/x/y/page.html': 'one' },
    run (f) { renameSync(f.at('outside'), f.at('www/in')); return 'in/x/y/page.html' }
  },
  'a directory renamed': {
    files: { 'www/old/x/page.html': 'one' },
    run (f) { renameSync(f.at('www/old'), f.at('www/new')); return 'new/x/page.html' }
  },
  'a name that changes its case': {
    files: { 'www/Sub/Page.html': 'one' },
    run (f) { renameSync(f.at('www/Sub/Page.html'), f.at('www/Sub/page.html')); renameSync(f.at('www/Sub'), f.at('www/sub')); return 'sub/page.html' }
  },
  'two directories swapped': {
    files: { 'www/a/x/page.html': 'one', 'www/b/x/page.html': 'two' },
    run (f) { renameSync(f.at('www/a'), f.at('www/t')); renameSync(f.at('www/b'), f.at('www/a')); renameSync(f.at('www/t'), f.at('www/b')); return 'a/x/page.html' }
  },
  'the root removed and recreated': {
    files: { 'www/page.html': 'one' },
    run (f) { rmSync(f.at('www'), { recursive: true }); f.write('www/sub/page.html', 'two'); return 'sub/page.html' }
  },
  'the root removed, later recreated': {
    files: { 'www/page.html': 'one' },
    async run (f, w) {
      rmSync(f.at('www'), { recursive: true })
      await w.told(f.at('www/page.html'), 'delete')
      f.write('www/page.html', 'two')
      return 'page.html'
    }
  },
  'the root is a link that flips': {
    files: { 'r1/page.html': 'one', 'r2/page.html': 'two' },
    root (f) { symlinkSync('r1', f.at('www')); return f.at('www') },
    run (f) { symlinkSync('r2', f.at('next')); renameSync(f.at('next'), f.at('www')); return 'page.html' }
  },
  'a root that comes later': {
    root: f => f.at('www'),
    run (f) { f.write('www/a/page.html', 'one'); return 'a/page.html' }
  },
  'a file that becomes a directory': {
    files: { 'www/x': 'one' },
    run (f) { unlinkSync(f.at('www/x')); f.write('www/x/y/page.html', 'two'); return 'x/y/page.html' }
  },
  'a directory that becomes a file': {
    files: { 'www/x/y/page.html': 'one' },
    run (f) { rmSync(f.at('www/x'), { recursive: true }); f.write('www/x', 'two'); return 'x' }
  },
  'directories that come and go while it starts': {
    run (f) {
      for (let i = 0; i < 20; i++) { f.write(`www/c${i}/d/e`, 'x'); if (i % 2) rmSync(f.at(`www/c${i}`), { recursive: true }) }
      return 'c18/d/e'
    }
  }
}

async function play (t: Test, scene: Scene, backend: BackendName): Promise<void> {
  const f = folder(t, scene.files)
  const root = scene.root?.(f) ?? (mkdirSync(f.at('www'), { recursive: true }), f.at('www'))
  const w = watching(t, root, { backend })
  await w.watch.ready
  const path = f.at(`www/${await scene.run(f, w)}`)
  await w.told(path, 'create', 'update')
  for (const content of ['later', 'and again']) {
    await until(() => w.watch.status().state === (backend === 'poll' ? 'polling' : 'ok'), 'trusted again')
    w.clear()
    writeFileSync(path, content)
    await w.told(path, 'update')
  }
  await w.watch.close()
}

for (const backend of backends) {
  test(backend, async t => {
    for (const [name, scene] of Object.entries(scenes)) {
      t.test(`${name}, ${RUNS} of ${RUNS}`, async t => {
        for (let run = 0; run < RUNS; run++) await play(t, scene, backend)
        t.pass()
      })
    }
  })
}
