// The parts on their own, where the disk can not be brought to show it: clocks, failing backends, file systems.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import type { BackendOptions, Hint, WatchBackend } from '../../lib/watch/backends/backend.js'
import { createAudit } from '../../lib/watch/timing/audit.js'
import { clock, createBatch, type Clock } from '../../lib/watch/timing/batch.js'
import { codeOf, differs, sight, takePrint, type Print } from '../../lib/watch/index/content.js'
import { blindFileSystem } from '../../lib/watch/backends/file-system.js'
import { createHot } from '../../lib/watch/timing/recheck.js'
import { explain, systemCode } from '../../lib/watch/backends/limits.js'
import { createNative, listenTo } from '../../lib/watch/backends/native.js'
import { createDirectory, locate } from '../../lib/watch/index/nodes.js'
import { createPasses } from '../../lib/watch/timing/time-slicer.js'
import { tryAgain } from '../../lib/watch/root/retry.js'
import { findPlace } from '../../lib/watch/root/root-identity.js'
import { createPoll } from '../../lib/watch/backends/poll.js'
import { preflight } from '../../lib/watch/backends/preflight.js'
import { createRoot, type Root } from '../../lib/watch/root/root.js'
import { createTree } from '../../lib/watch/index/tree.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

/** A clock that stands still until it is moved. */
function standing () {
  let time = 0
  let timers: { at: number, run: () => void }[] = []
  const still: Clock = {
    now: () => time,
    after (ms, run) {
      const timer = { at: time + ms, run }
      timers.push(timer)
      return () => { timers = timers.filter(each => each !== timer) }
    }
  }
  return {
    clock: still,
    pass (ms: number) {
      const end = time + ms
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined || next.at > end) break
        timers = timers.filter(each => each !== next)
        time = Math.max(time, next.at)
        next.run()
      }
      time = Math.max(time, end)
    }
  }
}

const print = (content: string, size = content.length): Print => ({ size, mtime: 1, ctime: 1, ino: 1, content, racy: false })

test('batches', async t => {
  type Step = readonly [wait: number, path: string, before: string | undefined, after: string | undefined, age?: number]
  const many = (wait: number, from: number, count: number): Step[] => Array.from({ length: count }, (_, i) => [i === 0 ? wait : 0, `p${from + i}`, 'a', 'b'])
  const rows: Record<string, { debounce?: number, steps: Step[], sent: string[] }> = {
    'a lone update goes out at once': { steps: [[0, 'p', 'a', 'b']], sent: ['0: update p'] },
    'a new name waits for quiet': { steps: [[0, 'p', undefined, 'b']], sent: ['75: create p'] },
    'a vanished name waits for quiet': { steps: [[0, 'p', 'a', undefined]], sent: ['75: delete p'] },
    'a temporary name leaves nothing': { steps: [[0, 't', undefined, 'b'], [3, 'p', 'a', 'b'], [0, 't', 'b', undefined]], sent: ['3: update p'] },
    'delete and create is an update': { steps: [[0, 'p', 'a', undefined], [3, 'p', undefined, 'b']], sent: ['3: update p'] },
    'there and back is nothing': { steps: [[0, 'q', 'a', 'b'], [10, 'p', 'a', 'b'], [10, 'p', 'b', 'a']], sent: ['0: update q'] },
    'what follows is gathered until quiet': { steps: [[0, 'p', 'a', 'b'], [10, 'q', 'a', 'b'], [70, 'r', 'a', 'b'], [10, 'q', 'b', 'c']], sent: ['0: update p', '165: update q, update r'] },
    'after quiet at once again': { steps: [[0, 'p', 'a', 'b'], [120, 'p', 'b', 'c']], sent: ['0: update p', '120: update p'] },
    'what was held back does not wait again': { steps: [[0, 'p', 'a', 'b'], [507, 'q', 'a', 'b', 480], [0, 'r', 'a', 'b', 20], [0, 's', 'a', 'b', 0]], sent: ['0: update p', '507: update q, update r, update s'] },
    'a debounced change waits': { debounce: 200, steps: [[0, 'p', 'a', 'b'], [150, 'q', 'a', 'b']], sent: ['350: update p, update q'] }
  }
  for (const [name, { debounce = 0, steps, sent }] of Object.entries(rows)) {
    const { clock, pass } = standing()
    const out: string[] = []
    const batch = createBatch({ debounce, send: changes => out.push(`${clock.now()}: ${changes.map(({ type, path }) => `${type} ${path}`).join(', ')}`), confirm () {} }, clock)
    let group: Step[] = []
    const play = (): void => {
      batch.begin(group.length > 2)
      for (const [, path, before, after, age = 0] of group) batch.note(path, before === undefined ? before : print(before), after === undefined ? after : print(after), true, age)
      batch.end(group.length > 2)
    }
    for (const step of steps) {
      if (step[0] > 0 && group.length > 0) {
        play()
        group = []
      }
      pass(step[0])
      group.push(step)
    }
    play()
    pass(5000)
    t.same(out, sent, name)
  }

  t.test('endless changes are told within the cap', async t => {
    for (const [debounce, most] of [[0, 420], [50, 1020], [200, 2020]] as const) {
      const { clock, pass } = standing()
      let [last, worst] = [0, 0]
      const batch = createBatch({ debounce, send () { worst = Math.max(worst, clock.now() - last); last = clock.now() }, confirm () {} }, clock)
      for (let i = 0; i < 500; i++) {
        batch.begin(false)
        batch.note('p', print(`${i}`), print(`${i + 1}`), true, 0)
        batch.end(false)
        pass(20)
      }
      t.ok(worst > 0 && worst <= most, `${debounce}: ${worst}`)
    }
  })

  t.test('a flood waits for quiet, and the disk is asked whether it is', async t => {
    const { clock, pass } = standing()
    const sent: number[] = []
    let asked = 0
    const batch = createBatch({
      debounce: 0,
      send: changes => sent.push(changes.length),
      confirm () {
        if (asked++ === 0) for (const [, path] of many(0, 1000, 10)) batch.note(path, print('a'), print('b'), true, 0)
      }
    }, clock)
    batch.begin(true)
    for (const [, path] of many(0, 0, 500)) batch.note(path, print('a'), print('b'), true, 0)
    batch.end(true)
    pass(80)
    t.same([sent, asked], [[], 1])
    pass(100)
    t.same([sent, asked], [[510], 2])
  })

  t.test('ripe, empty, unknown, closed', async t => {
    const { clock, pass } = standing()
    const sent: number[] = []
    const batch = createBatch({ debounce: 0, send: changes => sent.push(changes.length), confirm () {} }, clock)
    batch.begin(false)
    batch.note('large', print('a'), print('b'), false, 0)
    batch.end(false)
    batch.ripen('unknown')
    t.same(sent, [])
    batch.ripen('large')
    t.same(sent, [1])
    pass(200)
    batch.begin(false)
    batch.note('empty', print('a'), print('', 0), false, 0)
    batch.end(false)
    batch.ripen('empty')
    t.same([sent, batch.waiting()], [[1], 1])
    batch.close()
    batch.flush()
    pass(1000)
    t.same(sent, [1])
  })
})

test('the real clock', async t => {
  const undo = clock.after(1, () => t.fail('undone'))
  undo()
  await new Promise<void>(resolve => { clock.after(1, resolve); setTimeout(() => {}, 50) })
})

test('content', async t => {
  const f = folder(t, { 'a.txt': 'one' })
  const seen = sight(f.at('a.txt'), false)
  if (seen.kind !== 'file') return t.fail('a file')
  rmSync(f.at('a.txt'))
  t.equal(takePrint(f.at('a.txt'), seen.stat, true), undefined, 'gone meanwhile')
  mkdirSync(f.at('a.txt'))
  t.match(takePrint(f.at('a.txt'), seen.stat, true), { size: 3, content: undefined }, 'not readable')
  t.equal(sight(f.at('a.txt/x'.padEnd(5000, 'x')), false).kind, 'unknown', 'too long a path')
  symlinkSync('nowhere', f.at('link'))
  t.equal(sight(f.at('link'), false).kind, 'other')
  t.equal(sight(f.at('link'), true).kind, 'none', 'a root that is a broken link does not exist')
  t.equal(codeOf({}), 'UNKNOWN')
  t.equal(sight('/dev/null', false).kind, process.platform === 'win32' ? 'none' : 'other')
  const rows: [a: Print | undefined, b: Print | undefined, differ: boolean][] = [
    [undefined, undefined, false],
    [print('a'), undefined, true],
    [print('a'), { ...print('a'), mtime: 2, ctime: 2, ino: 2 }, false],
    [print('a'), print('b'), true],
    [print('a'), { ...print('a'), content: undefined }, false],
    [print('a'), { ...print('a'), content: undefined, ctime: 2 }, false],
    [print('a'), { ...print('a'), content: undefined, mtime: 0 }, true],
    [print('a'), { ...print('a'), content: undefined, ino: 2 }, true],
    [print('a'), { ...print('a'), content: undefined, size: 2 }, true]
  ]
  for (const [a, b, expected] of rows) t.equal(differs(a, b), expected)
})

test('what the system says', async t => {
  const rows: [error: object, code: string][] = [
    [{ code: 'EMFILE' }, 'EMFILE'],
    [new Error("inotify_add_watch on '/x' failed: No space left on device"), 'ENOSPC'],
    [new Error('Too many open files'), 'EMFILE'],
    [new Error('No file descriptors available'), 'EMFILE'],
    [new Error('Bad file descriptor'), 'ENOENT'],
    [new Error('Permission denied'), 'EACCES'],
    [new Error('something else'), 'UNKNOWN'],
    [{}, 'UNKNOWN']
  ]
  for (const [error, code] of rows) t.equal(systemCode(error), code)
  t.match(explain('ENFILE', '/x', ''), /ulimit -n/)
  t.match(explain('UNKNOWN', '/x', 'the cause'), /can not watch \/x: the cause/)
  t.equal(blindFileSystem('/nowhere/at/all'), undefined)
  t.equal(blindFileSystem(import.meta.dirname), undefined)
  const place = { real: '/x', id: '1' }
  t.equal(findPlace('/nowhere/at/all', place), undefined)
  t.equal(findPlace('/'.padEnd(5000, 'x'), place), place, 'not readable is not gone')
  await t.rejects(preflight('/nowhere/at/all'), { code: 'ENOENT' })
})

test('places in the index', t => {
  const top = createDirectory('')
  t.match(locate(top, '/', '/x/y'), { name: '', path: '/' })
  t.equal(locate(top, '/a', '/ab'), undefined)
  t.end()
})

test('the index, in moments that are hard to meet', async t => {
  const f = folder(t, { 'www/d/a.html': 'one', 'www/d/b.html': 'one', 'www/e/x.log': 'one', 'www/page.html': 'one' })
  const root = f.at('www')
  let rule = (path: string): boolean => path.endsWith('.log')
  const notes: string[] = []
  const tree = createTree({ root, ignored: path => rule(path), note: (path, before, after) => notes.push(`${before ? after ? 'update' : 'delete' : 'create'} ${path.slice(root.length + 1)}`), unreadable () {}, started: Infinity })
  const run = (steps: Iterator<void>) => {
    while (!steps.next().done);
    return notes.splice(0)
  }

  t.same(run(tree.look(root, { deep: true, silent: true })), [])
  t.equal(tree.files(), 3)

  rmSync(f.at('www/e/x.log'))
  run(tree.look(f.at('www/e')))
  rule = () => false
  f.write('www/e/x.log', 'two')
  t.same(run(tree.look(f.at('www/e'))), ['create e/x.log'], 'a name that was away is judged anew')

  const half = tree.look(f.at('www/d'))
  half.next()
  rmSync(f.at('www/d'), { recursive: true })
  t.same(run(tree.look(f.at('www/d'))).sort(), ['delete d/a.html', 'delete d/b.html'])
  t.same(run(half), [], 'a directory that went away during a look')

  f.write('www/n/known.html', 'one')
  t.same(run(tree.look(f.at('www/n'))), ['create n/known.html'])
  rmSync(f.at('www/n'), { recursive: true })
  t.same(run(tree.look(f.at('www/n/unknown.html'))), ['delete n/known.html'], 'where a name is looked for in vain, its directory is looked for')

  rule = path => { rmSync(path, { recursive: true }); return false }
  f.write('www/fleeting.html', 'one')
  t.same(run(tree.look(root)), [], 'a file that went away between two glances')

  f.write('www/v/x.html', 'one')
  t.same(run(tree.look(f.at('www/v'), { silent: true })), [], 'a directory that went away between two glances')
  rule = () => false
  f.write('www/v/x.html', 'one')
  t.same(run(tree.look(root)), ['create v/x.html'], 'it is there again')
  rmSync(f.at('www/v'), { recursive: true })
  run(tree.look(root))

  symlinkSync('nowhere', f.at('www/link'))
  rule = () => false
  run(tree.look(root))
  rmSync(f.at('www/link'))
  t.same(run(tree.follow()), [])
  t.same(run(tree.follow()), [])

  rule = path => path.endsWith('/e')
  t.same(run(tree.reconsider()), [], 'what is ignored from now on is no change')
  t.same([tree.files(), ...tree.pruned()], [1, f.at('www/e')])

  rule = () => false
  f.write('www/e/f/g.html', 'one')
  for (const shown = tree.reconsider(); !shown.next().done;) t.same(run(tree.look(root, { deep: true })), [], 'what comes out of hiding is no change, whoever reads it first')
  t.equal(tree.files(), 3)
  f.write('www/e/f/h.html', 'one')
  t.same(run(tree.look(root, { deep: true })), ['create e/f/h.html'])
})

test('nothing to watch', async t => {
  const w = watching(t, [])
  await w.watch.ready
  t.same(w.watch.status(), { state: 'ok', roots: [], files: 0 })
})

test('the native watcher, where it is not as it is here', async t => {
  const f = folder(t, { 'd/page.html': 'one' })
  const options = { ignored: [f.at('[odd]')], pollInterval: 0, lost () {} }
  await t.rejects(createNative('aix').open(f.path, async () => false, options), /no native watcher for aix/)
  t.match(createNative('darwin'), { follows: true, overlaps: false })
})

test('the native watcher of Linux', onLinux, async t => {
  const f = folder(t, { 'd/page.html': 'one' })
  const options = { ignored: [f.at('[odd]')], pollInterval: 0, lost () {} }
  const native = createNative('linux', '/nowhere')
  t.match(native, { follows: false, overlaps: false })
  const hints: (readonly string[] | undefined)[] = []
  const handle = await native.open(f.path, async paths => { hints.push(paths); return true }, options)
  f.write('d/page.html', 'two')
  await until(() => hints.flat().includes(f.at('d/page.html')), 'a hint')
  await Promise.all([handle.close(), handle.close()])
  await t.rejects(native.open(f.at('gone'), async () => false, options), { code: 'ENOENT' })
})

test('trying again has an end', async t => {
  let tries = 0
  const failing = async (): Promise<never> => { tries++; throw new Error('No such file or directory') }
  await t.rejects(tryAgain(failing, () => true, async () => {}), /No such file/)
  t.equal(tries, 25)
  await t.rejects(tryAgain(failing, () => false, async () => {}), /No such file/)
  t.equal(tries, 26)
})

test('passes', async t => {
  const seen: unknown[] = []
  const passes = createPasses({ begin: burst => seen.push(['begin', burst]), end: burst => seen.push(['end', burst]), failed: error => seen.push(error) })
  const error = new Error('oh')
  await passes.run((function * () { yield 1; throw error })(), true)
  t.same(seen, [['begin', true], error, ['end', true]])
  let turns = 0
  let others = 0
  const theirTurn = () => others > 2
  const slow = passes.run((function * () {
    for (const end = performance.now() + 20_000; !theirTurn() && performance.now() < end;) { turns++; yield }
  })())
  const timer = setInterval(() => others++, 1)
  await slow
  clearInterval(timer)
  t.ok(turns > 0 && others > 2, 'others get their turn')
  passes.close()
  await passes.run((function * () { yield t.fail('closed') })())
})

test('hot files', async t => {
  const { clock, pass } = standing()
  const looks: string[][] = []
  const late: (readonly string[])[] = []
  const around: (readonly string[])[] = []
  const still: string[] = []
  const hot = createHot({ look: paths => looks.push([...paths]), around: paths => around.push(paths), still: path => still.push(path), late: paths => late.push(paths) }, clock)
  hot.file('/a/p')
  pass(4)
  t.same(looks, [['/a/p']])
  t.same(still, ['/a/p'])
  pass(2000)
  const count = looks.length
  pass(2000)
  t.equal(looks.length, count, 'it cools down')
  for (let i = 0; i < 50; i++) hot.file(`/a/${i}`)
  for (let i = 0; i < 9; i++) hot.around(`/d${i}/x`)
  pass(60)
  t.equal(late[0]?.length, 18, 'those that are too many are looked at once')
  t.equal(around[0]?.length, 4)
  hot.file('/a/1')
  hot.file('/a/99')
  hot.close()
  const after = looks.length + late.length
  pass(1000)
  t.equal(looks.length + late.length, after, 'closed')

  const last = createHot({ look () { last.close() }, around () {}, still () { t.fail('closed') }, late () {} }, clock)
  last.file('/a/p')
  pass(1000)
})

test('audits', async t => {
  let scans = 0
  let busy = false
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const root = { native: () => true, scan: async () => { scans++ } } as Partial<Root> as Root
  const polled = { native: () => false, scan: async () => { t.fail('it looks by itself') } } as Partial<Root> as Root
  const audit = createAudit({ roots: [root, polled], busy: () => busy, tick () {} }, { tick: 5, gap: 60, idle: 100_000 })
  audit.start()
  t.teardown(audit.close)
  busy = true
  audit.doubt()
  await new Promise(resolve => setTimeout(resolve, 30))
  t.equal(scans, 0, 'not while changes are gathered')
  busy = false
  await until(() => scans === 1, 'in doubt')
  for (const end = performance.now() + 100; performance.now() < end;);
  await until(() => scans === 2, 'after a gap')
  audit.close()

  const idle = createAudit({ roots: [root], busy: () => true, tick () {} }, { tick: 5, gap: 10_000, idle: 20 })
  idle.start()
  await until(() => scans > 3, 'when idle, again and again')
  let steps = 0
  const work = idle.idle((function * () { for (;;) { steps++; yield } })())
  await until(() => steps > 0, 'work')
  idle.close()
  await work
  idle.start()
})

test('polling takes a small part of the time', async t => {
  const { clock, pass } = standing()
  let looks = 0
  let found = false
  const { open } = createPoll(clock)
  const handle = await open('/x', async () => { looks++; pass(100); return found }, { ignored: [], pollInterval: 300, lost () {} })
  const step = async (ms: number): Promise<number> => { pass(ms); await Promise.resolve(); await Promise.resolve(); return looks }
  t.equal(await step(299), 0)
  t.equal(await step(1), 1)
  t.equal(await step(700), 1, 'a slow look')
  found = true
  t.equal(await step(100), 2)
  t.equal(await step(50), 3, 'soon again while files change')
  await handle.close()
  t.equal(await step(5000), 3)
})

test('the native watcher tells paths, or that it is lost', async t => {
  const told: unknown[] = []
  const listen = listenTo('/.', async paths => told.push(paths) > 0, error => told.push(error.message))
  listen(null, [{ type: 'update', path: '/./www/page.html' }])
  listen(new Error('Unable to poll: Interrupted system call'), [])
  t.same(told, [['/www/page.html'], 'Unable to poll: Interrupted system call'])
})

test('a root whose backend misbehaves', async t => {
  const f = folder(t, { 'www/page.html': 'one', 'www/d/x.html': 'one' })
  type Open = (root: string, hint: Hint, options: BackendOptions) => Promise<{ close (): Promise<void> }>
  const make = (open: Open, more: Partial<Parameters<typeof createRoot>[0]> = {}, overlaps = true) => {
    const notes: string[] = []
    const warned: string[] = []
    let opened = 0
    let closed = 0
    let doubts = 0
    const path = f.at('www')
    const tree = createTree({ root: path, ignored: () => false, note: each => notes.push(each), unreadable () {}, started: Date.now() + 1000 })
    const passes = createPasses({ begin () {}, end () {}, failed: error => t.fail(String(error)) })
    const native: WatchBackend = {
      kind: 'native',
      follows: false,
      overlaps,
      async open (...given) {
        opened++
        const { close } = await open(...given)
        return { close () { closed++; return close() } }
      }
    }
    const root = createRoot({ path, backend: 'auto', native, poll: createPoll(), pollInterval: 20, tree, passes, around () {}, doubt () { doubts++ }, warn: text => warned.push(text), ...more })
    t.teardown(root.close)
    return { root, tree, notes, warned, opened: () => opened, closed: () => closed, doubts: () => doubts }
  }
  const done = async (): Promise<void> => {}

  t.test('it goes blind, and is opened again', async t => {
    let blind: ((cause: Error) => void) | undefined
    const made = make(async (_root, _hint, { lost }) => { blind = lost; return { close: done } })
    await made.root.start()
    writeFileSync(f.at('www/page.html'), 'unseen')
    blind?.(new Error('dropped'))
    await until(() => made.notes.includes(f.at('www/page.html')), 'looked at all')
    await until(() => made.closed() === 1, 'the old one is closed a little later')
    t.same([made.opened(), made.doubts()], [2, 1])
  })

  t.test('a tree in turmoil: opened again and again, old ones stay a while', async t => {
    const made = make(async () => { if (made.opened() < 6) made.root.renew(); return { close: done } })
    await made.root.start()
    await until(() => made.opened() === 6, 'opened as often as was asked')
    await until(() => made.closed() === 5, 'all but the last are closed')
    t.same(made.root.state(), { state: 'ok' })
  })

  t.test('one that can not overlap is closed first, and all is looked at', async t => {
    let open = 0
    const made = make(async () => { t.equal(++open, 1, 'one at a time'); return { async close () { open-- } } }, {}, false)
    await made.root.start()
    writeFileSync(f.at('www/page.html'), 'unseen again')
    made.root.renew()
    await until(() => made.notes.length === 1, 'looked at all')
  })

  t.test('churn: it is tried again', async t => {
    let tries = 0
    const made = make(async () => { if (++tries < 4) throw new Error('No such file or directory'); return { close: done } })
    await made.root.start()
    t.same([made.root.state(), tries], [{ state: 'ok' }, 4])
  })

  t.test('it gives up after many tries, polls, and tries events again later', async t => {
    let works = false
    const made = make(async () => { if (!works) throw new Error('odd'); return { close: done } }, { retry: 20 })
    await made.root.start()
    t.match(made.root.state(), { state: 'polling', reason: /odd/ })
    t.notOk(made.root.native())
    const ticks = setInterval(made.root.tick, 5)
    t.teardown(() => clearInterval(ticks))
    await until(() => made.opened() > 2, 'tried again')
    t.match(made.root.state(), { state: 'polling' })
    works = true
    await until(() => made.root.state().state === 'ok', 'events again')
    t.ok(made.root.native())
  })

  t.test('it is closed while it opens', async t => {
    let release = (): void => {}
    const made = make(() => new Promise(resolve => { release = () => resolve({ close: done }) }))
    const started = made.root.start()
    t.match(made.root.state(), { state: 'degraded', reason: /first look/ })
    await until(() => made.opened() === 1, 'opening')
    const closing = made.root.close()
    release()
    await Promise.all([closing, started])
    t.equal(made.closed(), 1)
  })

  t.test('the root vanishes while it opens', async t => {
    const made = make(async () => { rmSync(f.at('www'), { recursive: true }); throw new Error('No such file or directory') })
    await made.root.start()
    t.match(made.root.state(), { state: 'degraded', reason: /does not exist/ })
  })

  t.test('hints of a late handle are dropped', async t => {
    mkdirSync(f.at('www'))
    let late: Hint | undefined
    const made = make(async (_root, hint) => { late = hint; return { close: done } })
    await made.root.start()
    await made.root.close()
    t.equal(await late?.(undefined), false)
    made.root.tick()
  })
})
