// How late a hint is, by the times of the disk.
import { statSync } from 'node:fs'
import { test } from 'tap'
import type { Fingerprint } from '../../lib/watch/index/fingerprint.js'
import { ageOfFile, delayOf, isLate, noticeSpan } from '../../lib/watch/timing/lateness.js'
import { folder } from '../support/folder.js'

const NOW = 1_000_000
const written = (ago: number): Fingerprint => ({ size: 3, mtime: NOW - ago, ctime: NOW - ago, ino: 1, content: 1, denied: false, racy: false })

test('how long ago a difference may have been made', t => {
  const { now } = Date
  t.teardown(() => { Date.now = now })
  Date.now = () => NOW
  const rows: readonly (readonly [ago: number, delay: number, age: number, late: boolean, span: number])[] = [
    [2, 2, 3, false, 602],
    [100, 100, 101, true, 700],
    [600, 600, 0, true, 1200],
    // Written in this millisecond, which has passed by half.
    [-0.5, 0, 0.5, false, 600],
    [5000, 0, 0, true, 10_000],
    // The clock of the file system is behind ours, or ahead.
    [3_600_000, 0, 0, true, 60_000],
    [-3_600_000, 0, 0, false, 600]
  ]
  for (const [ago, delay, age, late, span] of rows) t.strictSame([delayOf(written(ago)), ageOfFile(written(ago)), isLate('/x', written(ago)), noticeSpan('/x', written(ago))], [delay, age, late, span], `${ago} ms ago`)

  const f = folder(t, { 'd/page.html': 'one' })
  const { ctimeMs } = statSync(f.at('d'))
  Date.now = () => ctimeMs + 50
  t.strictSame([delayOf(undefined), ageOfFile(undefined), isLate(f.at('d/gone.html'), undefined), noticeSpan(f.at('d/gone.html'), undefined)], [0, 0, true, 650], 'what is gone has the time of its directory')
  t.strictSame([isLate(f.at('gone/gone.html'), undefined), noticeSpan(f.at(`${'x'.repeat(5000)}/gone.html`), undefined)], [false, 600], 'nothing says when')
  t.end()
})
