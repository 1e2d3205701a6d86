import { mkdirSync, statSync } from 'node:fs'
import { test } from 'tap'
import { ageOf, noteEnd, noteStart, NO_LOOP, ranAt } from '../../../lib/builds/scheduler/loop-detection.js'
import { folder } from '../../support/folder.js'

test('a file was written by a build when one ran at that time, as exactly as file systems know it', async t => {
  let loop = noteEnd(noteStart(NO_LOOP, 1000), 2000)
  loop = noteStart(loop, 5000)
  const times: readonly (readonly [at: number, ran: boolean])[] = [[900, false], [985, true], [1500, true], [2015, true], [2100, false], [4900, false], [5000, true], [1e9, true]]
  for (const [at, ran] of times) t.equal(ranAt(loop, at), ran, `${at} ms`)
  for (let i = 0; i < 10; i++) loop = noteEnd(noteStart(loop, 10_000 + i), 10_000 + i)
  t.equal(ranAt(loop, 1500), false, 'only the last ten builds are known')
})

test('the age of a file; of a file that is gone, that of the directory above it', async t => {
  const { at } = folder(t, { a: 'a' })
  mkdirSync(at('dir'))
  const rows: readonly (readonly [path: string, dated: string])[] = [['a', 'a'], ['b', '.'], ['d/e/f', '.'], ['a/b', 'a'], ['dir/x', 'dir']]
  for (const [path, dated] of rows) {
    const expected = Date.now() - statSync(at(dated)).ctimeMs
    t.ok(Math.abs(ageOf(at(path)) - expected) < 1000, path)
  }
  t.type(ageOf('/nothing-is-here'), 'number')
  t.equal(ageOf(at('a'), () => undefined), 0, 'a drive that is gone tells nothing')
})
