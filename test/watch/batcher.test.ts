// How differences become batches: a lone save at once, what follows together.
import { test } from 'tap'
import type { Change } from '../../types/change.js'
import type { Fingerprint } from '../../lib/watch/index/fingerprint.js'
import { Batcher, type Undone } from '../../lib/watch/timing/batcher.js'
import { manualClock } from '../support/clock.js'

const fingerprint = (content: string): Fingerprint => ({ size: content.length, mtime: 1, ctime: 1, ino: 1, content: parseInt(content, 36), denied: false, racy: false })
const optional = (content: string | undefined) => content === undefined ? undefined : fingerprint(content)

/** One scan that finds these differences: [path, before, after, delay]. */
type Difference = readonly [path: string, before: string | undefined, after: string | undefined, delay?: number]

const AGE = 7

interface Setup { debounce?: number, recheck?: () => Promise<void>, usedSince?: (at: number, undone: Undone, madeAt: number) => boolean, temporary?: boolean, isHeld?: () => boolean }

function setup ({ debounce = 0, recheck = async () => {}, usedSince = () => false, temporary = false, isHeld }: Setup = {}) {
  const clock = manualClock(10_000)
  const sent: (readonly Change[])[] = []
  const log: string[] = []
  const batch = new Batcher({
    clock,
    debounce,
    recheck,
    usedSince,
    ...isHeld && { isHeld },
    send (changes) {
      sent.push(changes)
      log.push(`${clock.now() - 10_000}: ${changes.map(({ type, path }) => `${type} ${path}`).join(', ')}`)
    }
  })
  return {
    batch,
    sent,
    log,
    scan (differences: readonly Difference[], complete = true) {
      const burst = differences.length > 2
      batch.beginScan(burst)
      for (const [path, before, after, delay = 0] of differences) batch.add({ path, before: optional(before), after: optional(after), complete, delay, age: AGE, temporary, since: clock.now() - 600 })
      batch.endScan(burst)
    },
    /** In small steps, so that a recheck may settle on the way. */
    async advance (ms: number) {
      for (let passed = 0; passed < ms; passed += 5) {
        clock.advance(5)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
  }
}

const many = (count: number, from = 0): Difference[] => Array.from({ length: count }, (_, i) => [`p${from + i}`, 'a', 'b'])

interface Row { debounce?: number, temporary?: boolean, scans: readonly (readonly [wait: number, differences: readonly Difference[]])[], sent: string[] }

const rows: Record<string, Row> = {
  'a lone update goes out at once': { scans: [[0, [['p', 'a', 'b']]]], sent: ['0: update p'] },
  'a new name waits for the other half of an atomic save': { scans: [[0, [['p', undefined, 'b']]]], sent: ['20: create p'] },
  'a vanished name waits for it, too': { scans: [[0, [['p', 'a', undefined]]]], sent: ['20: delete p'] },
  'a rename waits for it, too': { scans: [[0, [['p', 'a', undefined], ['q', undefined, 'a']]]], sent: ['20: delete p, create q'] },
  'a new name of a temporary file waits for quiet': { temporary: true, scans: [[0, [['p', undefined, 'b']]]], sent: ['75: create p'] },
  'several new names wait for quiet': { scans: [[0, [['p', undefined, 'b'], ['q', undefined, 'b'], ['r', undefined, 'b']]]], sent: ['75: create p, create q, create r'] },
  'a temporary name leaves nothing': { scans: [[0, [['t', undefined, 'b']]], [5, [['p', 'a', 'b'], ['t', 'b', undefined]]]], sent: ['5: update p'] },
  'delete and create is an update': { scans: [[0, [['p', 'a', undefined]]], [5, [['p', undefined, 'b']]]], sent: ['5: update p'] },
  'there and back is no change': { scans: [[0, [['q', 'a', 'b']]], [10, [['p', 'a', 'b']]], [10, [['p', 'b', 'a']]]], sent: ['0: update q'] },
  'what follows is gathered until it is quiet': { scans: [[0, [['p', 'a', 'b']]], [10, [['q', 'a', 'b']]], [70, [['r', 'a', 'b']]], [10, [['q', 'b', 'c']]]], sent: ['0: update p', '165: update q, update r'] },
  'after quiet a save goes out at once again': { scans: [[0, [['p', 'a', 'b']]], [120, [['p', 'b', 'c']]]], sent: ['0: update p', '120: update p'] },
  'after a late message a save goes out at once again': { scans: [[0, [['p', 'a', 'b']]], [10, [['q', 'a', 'b']]], [120, [['p', 'b', 'c']]], [120, [['q', 'b', 'c']]]], sent: ['0: update p', '85: update q', '130: update p', '250: update q'] },
  'what the system delayed does not wait again': { scans: [[0, [['p', 'a', 'b']]], [505, [['q', 'a', 'b', 480], ['r', 'a', 'b', 20], ['s', 'a', 'b', 0]]]], sent: ['0: update p', '505: update q, update r, update s'] },
  'with debounce every change waits for that much quiet': { debounce: 200, scans: [[0, [['p', 'a', 'b']]], [150, [['q', 'a', 'b']]]], sent: ['350: update p, update q'] }
}

for (const [name, { debounce = 0, temporary = false, scans, sent }] of Object.entries(rows)) {
  test(name, async t => {
    const { scan, advance, log } = setup({ debounce, temporary })
    for (const [wait, differences] of scans) {
      await advance(wait)
      scan(differences)
    }
    await advance(1000)
    t.strictSame(log, sent)
  })
}

for (const [debounce, longest] of [[0, 200], [50, 1000], [200, 2000]] as const) {
  test(`saves without end are reported every ${longest} ms with debounce ${debounce}`, async t => {
    const { scan, advance, sent, log } = setup({ debounce })
    for (let i = 0; i < 250; i++) {
      scan([['p', `${i}`, `${i + 1}`]])
      await advance(20)
    }
    const times = log.map(line => Number.parseInt(line))
    t.ok(sent.length > 1)
    t.ok(times.every((time, i) => time - (times[i - 1] ?? 0) <= longest + 20), `${times}`)
  })
}

for (const [name, first, steps, messages] of [
  ['a burst that lasts 400 ms is one batch', 21, 8, 1],
  ['what is no burst yet goes out within 200 ms', 10, 6, 2],
  ['a burst without end goes out every 2 s', 21, 42, 2]
] as const) {
  test(name, async t => {
    const { scan, advance, sent } = setup()
    scan(many(first))
    for (let step = 0; step < steps; step++) {
      await advance(50)
      scan(many(1, 100 + step))
    }
    await advance(75)
    t.equal(sent.length, messages)
    t.equal(sent.flat().length, first + steps)
  })
}

test('the disk is compared before a burst goes out, and what that finds belongs to it', async t => {
  let rechecks = 0
  const { scan, advance, sent } = setup({ recheck: async () => { if (++rechecks === 1) scan(many(5, 1000)) } })
  scan(many(21))
  await advance(75)
  t.strictSame([rechecks, sent.length], [1, 0])
  await advance(75)
  t.strictSame([rechecks, sent.map(changes => changes.length)], [2, [26]])
})

test('an incomplete file waits until it has stopped changing, an empty one until it is quiet', async t => {
  const { batch, scan, advance, sent } = setup()
  scan([['large', 'a', 'b']], false)
  batch.markComplete('unknown')
  t.equal(sent.length, 0)
  batch.markComplete('large')
  t.equal(sent.length, 1)
  await advance(200)
  scan([['empty', 'a', '']], false)
  batch.markComplete('empty')
  t.strictSame([sent.length, batch.size], [1, 1])
  await advance(75)
  t.equal(sent.length, 2)
})

test('nothing goes out after close', async t => {
  const { batch, scan, advance, sent } = setup()
  scan([['p', undefined, 'b']])
  batch.close()
  batch.flush()
  await advance(1000)
  t.strictSame(sent, [])
})

test('what was done and undone counts if something was made meanwhile', async t => {
  const asked: unknown[] = []
  const used = (at: number, undone: Undone, madeAt: number) => { asked.push([at, undone, madeAt]); return true }
  const rows: readonly (readonly [name: string, options: Setup, differences: readonly Difference[], sent: string[], asked: readonly unknown[]])[] = [
    ['a file that changed and changed back', { usedSince: used }, [['p', 'a', 'b'], ['p', 'b', 'a']], ['520: update p'], [[9_400, 'edited', 9_993]]],
    ['a file that came and went', { usedSince: used }, [['p', undefined, 'b'], ['p', 'b', undefined]], ['520: delete p'], [[9_400, 'made', 9_993]]],
    ['a file that went and came', { usedSince: used }, [['p', 'a', undefined], ['p', undefined, 'a']], ['520: update p'], [[9_400, 'edited', 9_993]]],
    ['a temporary file', { usedSince: used, temporary: true }, [['p', undefined, 'b'], ['p', 'b', undefined]], [], []],
    ['nothing was made', {}, [['p', 'a', 'b'], ['p', 'b', 'a']], [], []],
    ['a file that was written and holds the same', { usedSince: used }, [['p', 'a', 'a']], ['500: update p'], [[9_400, 'rewritten', 9_993]]]
  ]
  for (const [name, options, differences, sent, questions] of rows) {
    asked.length = 0
    const { scan, advance, log } = setup({ debounce: 500, ...options })
    for (const difference of differences) {
      scan([difference])
      await advance(20)
    }
    await advance(1000)
    t.strictSame([log, asked], [sent, questions], name)
  }
})

test('what comes and goes for each page counts 20 times in a row, and again after 10 s', async t => {
  const { scan, advance, sent } = setup({ usedSince: () => true })
  const flicker = async (times: number) => {
    for (let i = 0; i < times; i++) {
      scan([['p', undefined, 'b']])
      scan([['p', 'b', undefined]])
      await advance(200)
    }
  }
  await flicker(30)
  t.equal(sent.length, 20)
  await advance(11_000)
  await flicker(1)
  t.equal(sent.length, 21)
})

test('what is held back goes out together, a quiet time after it was let go', async t => {
  let held = true
  const { scan, advance, log, sent } = setup({ isHeld: () => held })
  scan([['p', 'a', 'b']])
  await advance(2500)
  scan(many(30))
  scan([['p', 'b', 'a']])
  await advance(1000)
  t.strictSame(log, [])
  held = false
  await advance(30)
  scan([['late', 'a', 'b']])
  await advance(70)
  t.strictSame(log, [], 'events of the last changes may be late')
  await advance(50)
  t.strictSame(sent.map(changes => changes.length), [31])
})

test('nothing is held back for longer than five seconds, and what was undone meanwhile does not count', async t => {
  const { scan, advance, log } = setup({ isHeld: () => true })
  scan([['p', 'a', 'b']])
  await advance(3000)
  scan([['p', 'b', 'a']])
  await advance(1000)
  scan([['q', 'a', 'b']])
  await advance(4900)
  t.strictSame(log, [])
  await advance(500)
  t.strictSame(log, ['9010: update q'])
})

test('a lone save that was held back for a moment goes out at once', async t => {
  let held = true
  const { scan, advance, log } = setup({ isHeld: () => held })
  scan([['p', 'a', 'b']])
  await advance(20)
  held = false
  await advance(100)
  t.strictSame(log, ['30: update p'])
})
