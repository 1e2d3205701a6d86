import { join, sep } from 'node:path'
import { test, type Test } from 'tap'
import { Saves } from '../../../lib/features/status-page/saves.js'
import type { BuildResult } from '../../../types/build.js'

const CWD = join(sep, 'project')
const ok: BuildResult = { ok: true, ms: 5, diagnostics: [] }
const failed: BuildResult = { ok: false, ms: 5, diagnostics: [] }
const change = (seen: number, ...names: string[]) => names.map(name => ({ path: join(CWD, name), type: 'update' as const, seen }))
const input = (saves: Saves, seen: number, ...names: string[]) => saves.change({ source: 'input', name: 'docs', changes: change(seen, ...names) })
const output = (saves: Saves, seen: number, ...names: string[]) => saves.change({ source: 'output', changes: change(seen, ...names) })
const reload = (saves: Saves, seq: number, now: number, clients = 2) => saves.send({ type: 'reload', seq }, clients, now)

/** What a story comes to; the newest first. */
const stories: [name: string, tell: (saves: Saves, t: Test) => void, expected: object[]][] = [
  ['a file that is served', saves => {
    saves.setSavedAt(output(saves, 10, 'a.html') as number, 8)
    reload(saves, 1, 11)
    saves.apply(1, 30)
    saves.apply(1, 40)
  }, [{ source: 'output', state: 'sent', paths: ['a.html'], files: 1, saved: 8, seen: 10, sent: 11, seq: 1, clients: 2, applied: 30, last: 40, tabs: 2 }]],

  ['a build', saves => {
    input(saves, 10, 'a.md')
    saves.startBuild('docs', 11)
    output(saves, 19, 'out.html')
    saves.endBuild('docs', ok, 20)
    reload(saves, 4, 21)
    saves.settle()
  }, [{ source: 'input', name: 'docs', state: 'sent', paths: ['a.md'], seen: 10, started: 11, built: 20, sent: 21, seq: 4, tabs: 0 }]],

  ['a burst, and a build that was aborted by it: one save, from its first file on', (saves, t) => {
    t.ok(input(saves, 10, 'a.md', 'b.md'), 'the beginning of one')
    saves.startBuild('docs', 11)
    t.notOk(input(saves, 15, 'c.md', 'd.md'), 'not of another')
    saves.endBuild('docs', undefined, 16)
    saves.settle()
    reload(saves, 9, 16)
    saves.startBuild('docs', 17)
    output(saves, 29, 'out.html')
    saves.endBuild('docs', ok, 30)
    reload(saves, 10, 31)
  }, [{ source: 'reload', seq: 9 }, { files: 4, paths: ['a.md', 'b.md', 'c.md'], seen: 10, started: 11, built: 30, sent: 31, seq: 10 }]],

  ['a build that fails, and one that changes nothing', saves => {
    input(saves, 10, 'a.md')
    saves.startBuild('docs', 11)
    saves.endBuild('docs', failed, 20)
    saves.settle()
    input(saves, 30, 'a.md')
    saves.startBuild('docs', 31)
    saves.endBuild('docs', ok, 40)
    saves.settle()
    reload(saves, 1, 50)
  }, [{ source: 'reload', sent: 50 }, { state: 'unchanged', built: 40 }, { state: 'failed', built: 20 }]],

  ['builds and reloads that were asked for', saves => {
    saves.startBuild('docs', 10)
    saves.endBuild('docs', ok, 12)
    saves.endBuild('other', ok, 12)
    reload(saves, 1, 12)
    reload(saves, 2, 13, 0)
    saves.apply(2, 20)
  }, [{ source: 'reload', state: 'sent', files: 0, seq: 2, clients: 0, applied: undefined, tabs: 0 }, { source: 'build', name: 'docs', started: 10, built: 12, sent: 12 }]],

  ['held back by a second build: told together', saves => {
    input(saves, 10, 'a.md')
    saves.startBuild('docs', 11)
    saves.change({ source: 'input', name: 'code', changes: change(10, 'a.ts') })
    saves.startBuild('code', 11)
    output(saves, 15, 'a.html')
    saves.endBuild('docs', ok, 16)
    saves.settle()
    saves.endBuild('code', ok, 30)
    reload(saves, 1, 31)
  }, [{ name: 'code', sent: 31 }, { name: 'docs', built: 16, sent: 31 }]],

  ['held back by a pause: what comes joins it', saves => {
    output(saves, 10, 'a.html')
    output(saves, 20, 'b.html')
    saves.settle()
    saves.send({ type: 'update', seq: 1, updates: [] }, 1, 30)
  }, [{ files: 2, seen: 10, sent: 30 }]],

  ['a loop that was broken: no build to wait for', saves => {
    input(saves, 10, 'a.md')
    saves.send({ type: 'build', state: 'failed', name: 'other' }, 1, 11)
    saves.send({ type: 'build', state: 'started', name: 'docs' }, 1, 11)
    saves.send({ type: 'build', state: 'failed', name: 'docs' }, 1, 12)
    saves.send({ type: 'closing' }, 1, 12)
  }, [{ state: 'failed' }]],

  ['a tab that shows a later change shows this one, too; not one of long ago', saves => {
    for (const [seq, now] of [[1, 10], [2, 20_000], [3, 20_010]] as const) {
      output(saves, now - 1, 'a.html')
      reload(saves, seq, now)
    }
    saves.apply(3, 20_050)
    saves.apply(3, 20_060)
  }, [{ seq: 3, applied: 20_050, last: 20_060, tabs: 2 }, { seq: 2, applied: 20_050, last: 20_050, tabs: 1 }, { seq: 1, applied: undefined, tabs: 0 }]],

  ['the clock of the file', saves => {
    for (const [seen, saved] of [[20_000, 19_000], [20_000, 20_004], [20_000, 5], [20_000, 20_000]] as const) {
      saves.setSavedAt(output(saves, seen, 'a.html') as number, saved)
      reload(saves, 1, seen)
    }
    saves.setSavedAt(99, 1)
    reload(saves, 2, 30_000)
    saves.setSavedAt(5, 30_000)
  }, [{ source: 'reload', saved: undefined }, { saved: 20_000 }, { saved: undefined }, { saved: 20_000 }, { saved: 19_000 }]]
]

for (const [name, tell, expected] of stories) {
  test(name, async t => {
    const saves = new Saves(CWD)
    tell(saves, t)
    t.match(saves.list(), expected)
    t.equal(saves.list().length, expected.length)
  })
}

test('as many are kept as a person looks at', async t => {
  const saves = new Saves(CWD)
  for (let seq = 1; seq <= 10_000; seq++) {
    output(saves, seq, `page-${seq}.html`)
    reload(saves, seq, seq)
  }
  t.equal(saves.list().length, 30)
  t.equal(saves.list()[0]?.seq, 10_000)
  t.notOk('outputs' in (saves.list()[0] as object))
})
