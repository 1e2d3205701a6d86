// What git leaves in its directory while it works, on real files and a clock that is moved by hand.
import { mkdirSync, rmSync } from 'node:fs'
import { test } from 'tap'
import { MAX_HELD_MS } from '../../lib/watch/timing/batcher.js'
import { Git } from '../../lib/watch/timing/git.js'
import { manualClock } from '../support/clock.js'
import { folder, type Folder } from '../support/folder.js'

function gitOf (...roots: string[]) {
  const clock = manualClock()
  const lines: string[] = []
  return { git: new Git({ roots, clock, log: text => lines.push(text) }), clock, lines }
}

const layouts: Record<string, { files: Record<string, string>, root: string, directory: string }> = {
  'a working tree': { files: { '.git/HEAD': '', 'src/d/a': '' }, root: 'src/d', directory: '.git' },
  'a further working tree': { files: { 'main/.git/worktrees/w/HEAD': '', 'w/.git': 'gitdir: ../main/.git/worktrees/w\n', 'w/src/a': '' }, root: 'w/src', directory: 'main/.git/worktrees/w' },
  'a single file of a root that does not exist': { files: { '.git/HEAD': '' }, root: 'src/later/a.md', directory: '.git' }
}

const marks: Record<string, (f: Folder, directory: string) => void> = {
  'index.lock': (f, directory) => { f.write(`${directory}/index.lock`, '') },
  'rebase-merge': (f, directory) => mkdirSync(f.at(`${directory}/rebase-merge`)),
  'rebase-apply': (f, directory) => mkdirSync(f.at(`${directory}/rebase-apply`))
}

for (const [name, { files, root, directory }] of Object.entries(layouts)) {
  for (const [mark, make] of Object.entries(marks)) {
    test(`${name}: ${mark}`, t => {
      const f = folder(t, files)
      const { git, clock, lines } = gitOf(f.at(root), f.at(root))
      t.equal(git.isBusy(), false)
      make(f, directory)
      t.equal(git.isBusy(), true)
      clock.advance(100)
      t.strictSame([git.isBusy(), lines], [true, []], 'a moment is worth no line')
      clock.advance(200)
      git.isBusy()
      t.strictSame([git.isBusy(), lines], [true, [`git is at work (${f.at(`${directory}/${mark}`)}): changes wait for its end, for at most 5 s`]])
      rmSync(f.at(`${directory}/${mark}`), { recursive: true })
      t.equal(git.isBusy(), false)
      t.end()
    })
  }
}

test('a lock that stays is waited for once, and the next one again', t => {
  const f = folder(t, { '.git/index.lock': '', 'src/a': '' })
  const { git, clock, lines } = gitOf(f.at('src'))
  git.isBusy()
  clock.advance(MAX_HELD_MS - 1)
  t.equal(git.isBusy(), true)
  clock.advance(1)
  t.equal(git.isBusy(), false)
  clock.advance(60_000)
  t.equal(git.isBusy(), false)
  mkdirSync(f.at('.git/rebase-merge'))
  t.equal(git.isBusy(), true, 'a rebase beside a lock that was left behind')
  rmSync(f.at('.git/rebase-merge'), { recursive: true })
  rmSync(f.at('.git/index.lock'))
  t.equal(git.isBusy(), false)
  f.write('.git/index.lock', '')
  t.equal(git.isBusy(), true)
  t.equal(lines.length, 1)
  t.end()
})

test('without a repository nothing is waited for', t => {
  const f = folder(t, { 'a/.git': 'no directory', 'b/x': '', 'c/.git/HEAD': '' })
  for (const root of [f.at('a'), f.at('b'), '/'.padEnd(5000, 'x')]) t.equal(gitOf(root).git.isBusy(), false)
  t.end()
})
