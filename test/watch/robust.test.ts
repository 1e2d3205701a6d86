// Odd trees, odd names, odd moments: nothing throws, nothing is lost, and what can not be seen is said.
import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { type Folder, folder } from '../support/folder.js'
import { onLinux, onPosix } from '../support/system.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { backends, watching } from './watching.js'

const RUNS = times(2, 100)

for (const backend of backends) {
  const trusted = backend === 'poll' ? 'polling' : 'ok'

  test(backend, async t => {
    t.test('what is no change', async t => {
      const f = folder(t, { 'page.html': 'one', 'other.html': 'one' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      utimesSync(f.at('page.html'), 1, 1)
      utimesSync(f.at('other.html'), 4e9, 4e9)
      await w.settled()
      chmodSync(f.at('page.html'), 0o600)
      linkSync(f.at('page.html'), `${f.path}-link`)
      t.teardown(() => unlinkSync(`${f.path}-link`))
      await w.settled()
      f.write('page.html', 'one')
      await w.settled()
      unlinkSync(f.at('page.html'))
      f.write('page.html', 'one')
      mkdirSync(f.at('empty'))
      await w.settled()
      t.same(w.all(), [])
      utimesSync(f.at('page.html'), 1, 1)
      await w.settled()
      writeFileSync(f.at('page.html'), 'two')
      utimesSync(f.at('page.html'), 1, 1)
      await w.told(f.at('page.html'), 'update')
    })

    t.test('emptied for good', async t => {
      const f = folder(t, { 'page.html': 'one' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      truncateSync(f.at('page.html'))
      await w.told(f.at('page.html'), 'update')
      await w.settled()
      t.equal(w.batches.length, 1)
    })

    t.test('larger than what is hashed', async t => {
      const f = folder(t, { 'big.bin': 'x'.repeat(1_200_000) })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      f.write('big.bin', 'y'.repeat(1_200_000))
      await w.told(f.at('big.bin'), 'update')
    })

    t.test('names', async t => {
      const names = ['a\nb', 'tab\t', '"quotes"', "it's", '$(x)', '-rf', ' space ', 'x'.repeat(255), '😀.html', 'e\u0301', '\u00e9', '[a]*.ts', '{x,y}', '!no', '(a|b)+', 'back\\slash', '%41', '#1', '~']
      const f = folder(t)
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      for (const name of names) f.write(`${name === '~' ? '~x' : name}/${name === '~' ? '~x' : name}`, 'one')
      for (const name of names) await w.told(join(f.path, name === '~' ? '~x' : name, name === '~' ? '~x' : name), 'create')
      await until(() => w.watch.status().state === trusted, 'trusted')
      await w.settled()
      w.clear()
      for (const name of names) f.write(`${name === '~' ? '~x' : name}/${name === '~' ? '~x' : name}`, 'two')
      for (const name of names) await w.told(join(f.path, name === '~' ? '~x' : name, name === '~' ? '~x' : name), 'update')
    })

    t.test('links: loops, broken ones, to files outside, to directories', async t => {
      const f = folder(t, { 'www/page.html': 'one', 'out/target.html': 'one', 'out/second.html': 'two', 'out/dir/x.html': 'one' })
      symlinkSync('..', f.at('www/loop'))
      symlinkSync('self', f.at('www/self'))
      symlinkSync('nope', f.at('www/broken'))
      symlinkSync('../out/dir', f.at('www/dir'))
      symlinkSync('../out/target.html', f.at('www/link.html'))
      const w = watching(t, f.at('www'), { backend })
      await w.watch.ready
      t.equal(w.watch.status().files, 2)
      f.write('out/target.html', 'edited at its target')
      await w.told(f.at('www/link.html'), 'update')
      w.clear()
      symlinkSync('../out/second.html', f.at('www/next'))
      renameSync(f.at('www/next'), f.at('www/link.html'))
      await w.told(f.at('www/link.html'), 'update')
      f.write('www/nope', 'one')
      await w.told(f.at('www/broken'), 'create')
      unlinkSync(f.at('www/link.html'))
      await w.told(f.at('www/link.html'), 'delete')
      t.equal(w.watch.status().state, trusted)
    })

    t.test('one file is a root', async t => {
      const f = folder(t, { 'data.json': 'one', 'other.json': 'one' })
      const w = watching(t, f.at('data.json'), { backend })
      await w.watch.ready
      t.equal(w.watch.status().files, 1)
      t.equal(w.watch.status().state, trusted)
      f.write('other.json', 'two')
      for (const content of ['two', 'three']) {
        f.write('data.json', content)
        await w.told(f.at('data.json'), 'update')
        f.write('data.json.tmp', `${content}!`)
        renameSync(f.at('data.json.tmp'), f.at('data.json'))
        await until(() => w.batches.at(-1)?.texts.get(f.at('data.json')) === `${content}!`, 'the renamed one')
        await w.settled()
        w.clear()
      }
      rmSync(f.at('data.json'))
      await w.told(f.at('data.json'), 'delete')
      await until(() => w.watch.status().state === 'degraded', 'says that it is gone')
      f.write('data.json', 'again')
      await w.told(f.at('data.json'), 'create')
      await until(() => w.watch.status().state === trusted, 'trusted again')
      t.notOk(w.last(f.at('other.json')))
    })

    t.test('a file in the place of a root, and back', async t => {
      const f = folder(t, { 'www/page.html': 'one' })
      const w = watching(t, f.at('www'), { backend })
      await w.watch.ready
      rmSync(f.at('www'), { recursive: true })
      f.write('www', 'a file')
      await w.told(f.at('www'), 'create')
      rmSync(f.at('www'))
      f.write('www/page.html', 'two')
      await w.told(f.at('www/page.html'), 'create')
    })

    t.test('roots inside of roots, twice, and beside', async t => {
      const f = folder(t, { 'a/b/page.html': 'one', 'a/page.html': 'one', 'ab/page.html': 'one' })
      const w = watching(t, [f.at('a'), f.at('a/b'), f.at('a'), f.at('ab')], { backend })
      await w.watch.ready
      t.equal(w.watch.status().files, 3)
      t.same(w.watch.status().roots, [f.at('a'), f.at('a/b'), f.at('ab')])
      for (const name of ['a/b/page.html', 'a/page.html', 'ab/page.html']) f.write(name, 'two')
      for (const name of ['a/b/page.html', 'a/page.html', 'ab/page.html']) await w.told(f.at(name))
      await w.settled()
      t.equal(w.all().length, 3, 'each once')
    })

    t.test('two watches of one root heal on their own', async t => {
      const f = folder(t, { 'page.html': 'one' })
      const [one, two] = [watching(t, f.path, { backend }), watching(t, f.path, { backend })]
      await Promise.all([one.watch.ready, two.watch.ready])
      const path = f.write('a/b/c/page.html', 'one')
      for (const w of [one, two]) await w.told(path, 'create')
      await one.watch.close()
      f.write('a/b/c/page.html', 'two')
      await two.told(path, 'update')
      t.equal(one.last(path), 'create', 'nothing after close')
    })

    t.test('check: of paths, of everything, of what is being gathered', async t => {
      const f = folder(t, { 'page.html': 'one', 'd/x.html': 'one' })
      const w = watching(t, f.path, { backend, debounce: 5000, pollInterval: 3_000_000 })
      const path = f.write('page.html', 'before ready')
      await w.watch.check()
      f.write('page.html', 'two')
      f.write('d/e/new.html', 'one')
      await w.watch.check([path, join(f.path, '..', 'elsewhere')])
      t.equal(w.last(path), 'update')
      await w.watch.check([f.at('d/e/new.html')])
      t.equal(w.last(f.at('d/e/new.html')), 'create')
      f.write('d/x.html', 'two')
      await w.watch.check([f.at('d')])
      t.equal(w.last(f.at('d/x.html')), 'update')
      rmSync(f.at('d'), { recursive: true })
      await w.watch.check()
      t.equal(w.last(f.at('d/x.html')), 'delete')
      t.equal(w.last(f.at('d/e/new.html')), 'delete')
      await w.watch.check([f.at('d/e/new.html')])
      t.equal(w.watch.status().files, 1)
    })

    t.test('closing: during the crawl, twice, in a listener, while healing', async t => {
      const f = folder(t)
      for (let i = 0; i < 1000; i++) f.write(`d${i % 200}/p${i}`, 'one')
      const early = watching(t, f.path, { backend })
      await early.watch.close()
      await early.watch.ready
      await Promise.all([early.watch.close(), early.watch.close()])
      await early.watch.check()
      const w = watching(t, f.path, { backend }, () => { closing = w.watch.close() })
      let closing: Promise<void> | undefined
      await w.watch.ready
      f.write('d1/p1', 'two')
      await until(() => closing !== undefined, 'told')
      f.write('d1/p1', 'three')
      await closing
      const told = w.batches.length
      const third = watching(t, f.path, { backend })
      await third.watch.ready
      for (let i = 0; i < 50; i++) f.write(`new${i}/a/b`, 'one')
      await third.told(f.at('new49/a/b'))
      await third.watch.close()
      t.equal(w.batches.length, told, 'nothing after close')
    })

    t.test('a listener that throws is logged and called again', async t => {
      const f = folder(t, { 'page.html': 'one' })
      const w = watching(t, f.path, { backend }, () => { throw new Error('oh no') })
      await w.watch.ready
      f.write('page.html', 'two')
      await until(() => w.lines.length === 1, 'logged')
      t.match(w.lines[0]?.text, /listener for changes threw/)
      await w.settled()
      f.write('page.html', 'three')
      await until(() => w.lines.length === 2, 'logged again')
    })

    t.test(`changes while it starts are not lost, ${RUNS} of ${RUNS}`, async t => {
      for (let run = 0; run < RUNS; run++) {
        const f = folder(t)
        for (let i = 0; i < 2000; i++) f.write(`d${i % 100}/p${i}`, 'one')
        const w = watching(t, f.path, { backend })
        const state = { ready: false }
        w.watch.ready.then(() => { state.ready = true })
        const changed = new Set<string>()
        // A tick of the file system's clock later, for files changed before the first look carry no other mark.
        await new Promise(resolve => setTimeout(resolve, 8))
        for (let i = run; !state.ready && changed.size < 1000; i += 37) {
          changed.add(f.write(`d${i % 100}/p${i % 2000}`, `${run} ${i}`))
          changed.add(f.write(`new${run}-${i}/p`, 'new'))
          await new Promise(resolve => setImmediate(resolve))
        }
        for (const path of changed) await w.told(path)
        await w.watch.close()
      }
      t.pass()
    })

    t.test('a file that comes and goes all the time', async t => {
      const f = folder(t, { 'page.html': 'one' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      for (let i = 0; i < 300; i++) {
        f.write('flicker.html', String(i))
        if (i % 3 === 0) await new Promise(resolve => setImmediate(resolve))
        unlinkSync(f.at('flicker.html'))
      }
      f.write('flicker.html', 'last')
      await until(() => w.batches.findLast(({ texts }) => texts.has(f.at('flicker.html')))?.texts.get(f.at('flicker.html')) === 'last', 'the last one')
      t.same(w.lines, [])
    })
  })
}

test('paths that are longer than the system takes', onPosix, async t => {
  const f = folder(t, { 'www/page.html': 'one' })
  const before = process.cwd()
  process.chdir(f.at('www'))
  for (let depth = 0; depth < 25; depth++) {
    mkdirSync('d'.repeat(200))
    process.chdir('d'.repeat(200))
  }
  process.chdir(before)
  // Node's own removal takes whole paths.
  t.teardown(() => execFileSync('rm', ['-r', f.at('www')]))
  // Nothing is asked for: where the native watcher refuses such a tree, it is polled.
  for (const options of [{}, { backend: 'poll' }] as const) {
    const w = watching(t, f.at('www'), options)
    await w.watch.ready
    t.match(w.watch.status(), { state: 'degraded', reason: /cannot read .*d…; changes in it are not seen until/ })
    t.ok(w.lines.length > 0 && w.lines.every(({ text }) => text.length < 1000), 'and a line that can be read says so')
    f.write('www/page.html', JSON.stringify(options))
    await w.told(f.at('www/page.html'), 'update')
    await w.watch.close()
  }
})

/** Root may read everything, so the watch runs as another user until `end`. */
function withoutRights (f: Folder) {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    chmodSync(f.path, 0o777)
    for (const each of readdirSync(f.path, { recursive: true })) chmodSync(f.at(String(each)), 0o777)
    process.seteuid?.(65534)
  }
  const asOwner = (run: () => void): void => {
    const user = process.geteuid?.()
    if (user === 65534) process.seteuid?.(0)
    run()
    if (user === 65534) process.seteuid?.(65534)
  }
  return { asOwner, end: () => { if (isRoot) process.seteuid?.(0) } }
}

test('without the right to read', onPosix, async t => {
  const f = folder(t, { '.gitignore': 'page.html', 'page.html': 'one', 'closed/x/page.html': 'one', 'secret.html': 'one' })
  const { asOwner, end } = withoutRights(f)
  asOwner(() => { chmodSync(f.at('closed'), 0); chmodSync(f.at('secret.html'), 0o200); chmodSync(f.at('.gitignore'), 0) })

  try {
    for (const backend of backends) {
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      t.match(w.lines.map(({ text }) => text), [/cannot read .*closed \(EACCES\)/])
      if (backend === 'native') t.match(w.watch.status(), { state: 'degraded', reason: /cannot read .*closed/ })
      asOwner(() => writeFileSync(f.at('page.html'), backend))
      await w.told(f.at('page.html'))
      asOwner(() => writeFileSync(f.at('secret.html'), `longer ${backend}`))
      await w.told(f.at('secret.html'), 'update')
      asOwner(() => chmodSync(f.at('closed'), 0o777))
      await w.told(f.at('closed/x/page.html'), 'create')
      await until(() => w.watch.status().state === (backend === 'poll' ? 'polling' : 'ok'), 'trusted')
      asOwner(() => writeFileSync(f.at('closed/x/page.html'), `two ${backend}`))
      await w.told(f.at('closed/x/page.html'), 'update')
      asOwner(() => { f.write('names/page.html', 'one'); chmodSync(f.at('names'), 0o444) })
      await until(() => w.lines.some(({ text }) => text.includes('names/page.html')), 'its names can be read, not more')
      asOwner(() => { chmodSync(f.at('names'), 0o755); rmSync(f.at('names'), { recursive: true }) })
      await until(() => w.watch.status().state === (backend === 'poll' ? 'polling' : 'ok'), 'trusted')
      await w.watch.close()
      asOwner(() => chmodSync(f.at('closed'), 0))
    }
  } finally {
    end()
    chmodSync(f.at('closed'), 0o777)
  }
})

test('a file that can be read by now has changed: what was made without it failed', onPosix, async t => {
  for (const backend of backends) {
    const f = folder(t, {})
    const { end } = withoutRights(f)
    const allow = (name: string, mode: number) => chmodSync(f.at(name), mode)
    try {
      // Its own files: who makes them may take the right from itself, and nobody has to be another user meanwhile.
      writeFileSync(f.at('page.html'), 'one', { mode: 0o200 })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      t.strictSame([w.lines, w.watch.status().state], [[], backend === 'poll' ? 'polling' : 'ok'], 'its changes are seen')
      allow('page.html', 0o644)
      await w.told(f.at('page.html'), 'update')
      for (const [name, size] of [['new.html', 3], ['large.bin', 1_200_000]] as const) {
        writeFileSync(f.at(name), 'x'.repeat(size), { mode: 0o200 })
        await w.told(f.at(name), 'create')
        allow(name, 0o644)
        await w.told(f.at(name), 'update')
      }
      await w.settled()
      w.clear()
      for (const name of ['page.html', 'large.bin']) {
        allow(name, 0o600)
        allow(name, 0o200)
      }
      await w.settled()
      t.same(w.all(), [], 'it can be read no longer')
      for (const name of ['page.html', 'large.bin']) {
        allow(name, 0o644)
        await w.told(f.at(name), 'update')
      }
      await w.watch.close()
    } finally {
      end()
    }
  }
})

test('a name that is not UTF-8 is said once and skipped', onLinux, async t => {
  const f = folder(t, { 'page.html': 'one' })
  writeFileSync(Buffer.concat([Buffer.from(`${f.path}/bad`), Buffer.from([0xff])]), 'x')
  const w = watching(t, f.path)
  await w.watch.ready
  await w.watch.check()
  t.match(w.lines.map(({ text }) => text), [/not UTF-8/])
  t.equal(w.watch.status().state, 'ok')
})

test('a file system without events is polled, as long as the root is on it', onLinux, async t => {
  const f = folder(t, { 'here/page.html': 'one' })
  symlinkSync('/sys/kernel/mm', f.at('www'))
  const w = watching(t, f.at('www'))
  await w.watch.ready
  t.match(w.watch.status(), { state: 'polling', reason: /sysfs.*does not report/ })
  t.equal(w.lines.length, 1)
  symlinkSync('here', f.at('next'))
  renameSync(f.at('next'), f.at('www'))
  await w.told(f.at('www/page.html'), 'create')
  await until(() => w.watch.status().state === 'ok', 'events again')
})

test('a look that fails is logged, and the next one works', async t => {
  const f = folder(t, { 'page.html': 'one' })
  let rule = (): boolean => false
  const w = watching(t, f.path, { ignore: [() => rule()] })
  w.log.warn = (() => { throw new Error('in the logger') }) as never
  await w.watch.ready
  rule = () => { throw new Error('in the rule') }
  f.write('new.html', 'one')
  await until(() => w.lines.length > 0, 'logged')
  t.match(w.lines[0], { level: 'error', text: /comparing with the disk failed/ })
  f.write('page.html', 'two')
  await w.told(f.at('page.html'))
  await w.watch.scan()
})
