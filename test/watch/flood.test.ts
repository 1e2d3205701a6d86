// A burst of very many changes: told once, when neither events nor the disk bring more.
import { test } from 'tap'
import type { Change } from '../../types/change.js'
import { CAP, createBatch, FLOOD, FLOOD_CAP, QUIET } from '../../lib/watch/timing/batch.js'
import type { Print } from '../../lib/watch/index/content.js'

const print = (content: string): Print => ({ size: 1, mtime: 0, ctime: 0, ino: 0, content, racy: false })

/** A batch on a clock that is moved by hand. */
function setup (confirm: () => void) {
  let time = 10_000
  let timer: { at: number, run: () => void } | undefined
  const sent: (readonly Change[])[] = []
  const batch = createBatch({ debounce: 0, send: changes => sent.push(changes), confirm }, {
    now: () => time,
    after (ms, run) {
      const mine = timer = { at: time + ms, run }
      return () => { if (timer === mine) timer = undefined }
    }
  })
  let count = 0
  return {
    sent,
    note (many: number) {
      batch.begin(true)
      for (let i = 0; i < many; i++) batch.note(`/root/${++count}`, print('old'), print('new'), true, 0)
      batch.end(true)
    },
    /** Runs what falls due on the way. */
    go (ms: number) {
      const end = time + ms
      while (timer !== undefined && timer.at <= end) {
        const { at, run } = timer
        timer = undefined
        time = at
        run()
      }
      time = end
    }
  }
}

for (const [name, many, steps, messages] of [
  ['a flood that goes on longer than a stream of saves may wait', FLOOD + 1, (CAP + 200) / 50, 1],
  ['as many as are no flood yet', FLOOD / 2, (CAP + 100) / 50, 2],
  ['a flood that goes on for ever is told in parts', FLOOD + 1, (FLOOD_CAP + 100) / 50, 2]
] as const) {
  test(`${name}: ${messages} at the end`, t => {
    const { sent, note, go } = setup(() => {})
    note(many)
    for (let step = 0; step < steps; step++) {
      go(50)
      note(1)
    }
    go(QUIET)
    t.equal(sent.length, messages)
    t.equal(sent.flat().length, many + Math.ceil(steps))
    t.end()
  })
}

test('the disk is asked before a flood is told, and what it shows still belongs to it', t => {
  let asked = 0
  const { sent, note, go } = setup(() => { if (++asked === 1) note(5) })
  note(FLOOD + 1)
  go(QUIET)
  t.equal(asked, 1)
  t.strictSame(sent, [], 'more was found')
  go(QUIET)
  t.equal(asked, 2)
  t.strictSame(sent.map(changes => changes.length), [FLOOD + 6])
  t.end()
})
