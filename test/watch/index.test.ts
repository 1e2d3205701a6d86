// The index in moments that a running watch meets only by chance: the disk changes between two steps of a scan.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { test } from 'tap'
import { Children } from '../../lib/watch/index/children.js'
import { FileIndex } from '../../lib/watch/index/file-index.js'
import { differs, fingerprint, statPath, type Fingerprint } from '../../lib/watch/index/fingerprint.js'
import { FingerprintTable } from '../../lib/watch/index/fingerprint-table.js'
import { isSuspect } from '../../lib/watch/index/first-look.js'
import { createDirectory, isDirectory, locate, pathOf } from '../../lib/watch/index/nodes.js'
import { applyRules, compare, compareEach } from '../../lib/watch/index/scan.js'
import { type Folder, folder } from '../support/folder.js'

interface Tools { t: { teardown (fn: () => void): void }, files: Record<string, string>, ignored?: (path: string) => boolean, startedAt?: (f: Folder) => number }

function makeIndex ({ t, files, ignored = () => false, startedAt = () => Infinity }: Tools) {
  const f = folder(t, files)
  const root = f.at('www')
  const rules = { ignored }
  const reports: string[] = []
  const suspects: string[] = []
  const index = new FileIndex({
    root,
    ignored: path => rules.ignored(path),
    onDifference: (path, before, after) => reports.push(`${before ? after ? 'update' : 'delete' : 'create'} ${path.slice(root.length + 1)}`),
    onUnreadable () {},
    onRewrite () {},
    hasEvents: () => true,
    onSuspect: path => suspects.push(path.slice(root.length)),
    startedAt: startedAt(f)
  })
  const run = (steps: Iterator<void>) => {
    while (!steps.next().done);
    return reports.splice(0).sort()
  }
  const first = run(compare(index, root, { deep: true, silent: true }))
  index.crawl.active = false
  return { f, index, root, rules, run, first, suspects }
}

/** Until the clock of the file system is surely later than `time`, too. */
function waitPast (time: number): void {
  while (Date.now() < time + 20);
}

test('a file that is written while the first scan reads it has changed', t => {
  const startedAt = Date.now() + 1
  const { first } = makeIndex({
    t,
    files: { 'www/page.html': 'one' },
    startedAt: () => startedAt + 20,
    // After the look at its times, and before its content is read.
    ignored (path) {
      waitPast(startedAt + 20)
      if (path.endsWith('page.html')) writeFileSync(path, 'two')
      return false
    }
  })
  t.strictSame(first, ['update page.html'])
  t.end()
})

test('before the first scan names left a directory, and the clock of a file system is ahead', t => {
  const files = { 'www/d/a.html': 'one', 'www/d/b.html': 'one', 'www/e/c.html': 'one' }
  const removed = makeIndex({
    t,
    files,
    startedAt (f) {
      const startedAt = Date.now() + 1
      waitPast(startedAt)
      rmSync(f.at('www/d/a.html'))
      return startedAt
    }
  })
  t.strictSame([removed.first, removed.suspects], [[], ['/d']], 'what is gone is not known')
  const { now } = Date
  t.teardown(() => { Date.now = now })
  const ahead = makeIndex({
    t,
    files,
    startedAt () {
      Date.now = () => now() - 3_600_000
      return Date.now()
    }
  })
  t.strictSame([ahead.first, ahead.suspects.sort()], [[], ['', '/d', '/d/a.html', '/d/b.html', '/e', '/e/c.html']], 'all that may be later')
  t.end()
})

test('a time in whole seconds may be that of a later moment', t => {
  const { index } = makeIndex({ t, files: { 'www/page.html': 'one' }, startedAt: () => 11_500 })
  index.crawl.active = true
  t.strictSame([9000, 10_000, 11_000, 11_400.5, 12_000, 12_000.5].map(time => isSuspect(index, time)), [false, true, true, false, true, true])
  index.crawl.active = false
  t.notOk(isSuspect(index, 12_000))
  t.end()
})

test('a directory that vanishes during a scan of it is reported once', t => {
  const { f, index, run } = makeIndex({ t, files: { 'www/d/a.html': 'one', 'www/d/b.html': 'one' } })
  const scan = compare(index, f.at('www/d'))
  scan.next()
  rmSync(f.at('www/d'), { recursive: true })
  t.strictSame(run(compare(index, f.at('www/d'))), ['delete d/a.html', 'delete d/b.html'])
  t.strictSame(run(scan), [])
  t.end()
})

test('a hint for an unknown file in a vanished directory finds what vanished with it', t => {
  const { f, index, run } = makeIndex({ t, files: { 'www/n/known.html': 'one' } })
  rmSync(f.at('www/n'), { recursive: true })
  t.strictSame(run(compare(index, f.at('www/n/unknown.html'))), ['delete n/known.html'])
  t.end()
})

test('what vanishes between two looks at it is no change', t => {
  const { f, index, root, rules, run } = makeIndex({ t, files: { 'www/page.html': 'one' } })
  rules.ignored = path => { rmSync(path, { recursive: true }); return false }
  f.write('www/fleeting.html', 'one')
  t.strictSame(run(compare(index, root)), [])
  f.write('www/v/x.html', 'one')
  t.strictSame(run(compare(index, f.at('www/v'), { silent: true })), [])
  rules.ignored = () => false
  f.write('www/v/x.html', 'one')
  t.strictSame(run(compare(index, root)), ['create v/x.html'], 'it is there again')
  t.end()
})

test('an ignored name is judged again after it was gone', t => {
  const { f, index, rules, run } = makeIndex({ t, files: { 'www/e/x.log': 'one' }, ignored: path => path.endsWith('.log') })
  rmSync(f.at('www/e/x.log'))
  run(compare(index, f.at('www/e')))
  rules.ignored = () => false
  f.write('www/e/x.log', 'two')
  t.strictSame(run(compare(index, f.at('www/e'))), ['create e/x.log'])
  t.end()
})

test('an ignored name is judged again as another kind, and not as the same one', t => {
  const asked: string[] = []
  const { f, index, root, rules, run } = makeIndex({ t, files: { 'www/e/x.html': 'one', 'www/f': 'one' }, ignored: path => /www.[ef]$/.test(path) })
  t.strictSame([...index.ignoredDirectories], [f.at('www/e')])
  rules.ignored = path => { asked.push(path.slice(root.length + 1)); return false }
  run(compare(index, root))
  run(compare(index, f.at('www/e')))
  run(compare(index, f.at('www/f')))
  t.strictSame(asked, [])
  for (const name of ['e', 'f']) rmSync(f.at(`www/${name}`), { recursive: true })
  f.write('www/e', 'one')
  f.write('www/f/x.html', 'one')
  t.strictSame(run(compare(index, f.at('www/e'))), ['create e'], 'by a hint')
  t.strictSame(run(compare(index, root)), ['create f/x.html'], 'in a listing')
  t.strictSame([asked, index.ignoredDirectories.size, index.hasReturned], [['e', 'f', 'f/x.html'], 0, true])
  t.end()
})

test('what changed rules hide or show is no change, whoever reads it first', t => {
  const { f, index, root, rules, run } = makeIndex({ t, files: { 'www/page.html': 'one', 'www/e/x.html': 'one' } })
  rules.ignored = path => path.endsWith('/e')
  t.strictSame(run(applyRules(index)), [])
  t.strictSame([index.files, ...index.ignoredDirectories], [1, f.at('www/e')])
  rules.ignored = () => false
  f.write('www/e/f/g.html', 'one')
  for (const shown = applyRules(index); !shown.next().done;) t.strictSame(run(compare(index, root, { deep: true })), [])
  t.equal(index.files, 3)
  f.write('www/e/f/h.html', 'one')
  t.strictSame(run(compare(index, root, { deep: true })), ['create e/f/h.html'])
  t.end()
})

test('a broken link that was removed is forgotten', t => {
  const { f, index, root, run } = makeIndex({ t, files: { 'www/page.html': 'one' } })
  symlinkSync('nowhere', f.at('www/link'))
  run(compare(index, root))
  t.equal(index.links.size, 1)
  rmSync(f.at('www/link'))
  t.strictSame(run(compareEach(index, index.links)), [])
  t.equal(index.links.size, 0)
  t.end()
})

test('paths outside of the root are not compared', t => {
  const { f, index, root, run } = makeIndex({ t, files: { 'www/page.html': 'one', 'wwwx/page.html': 'one' } })
  t.strictSame(run(compare(index, f.at('wwwx/page.html'))), [])
  const all = new FileIndex({ ...index.settings, root: '/' })
  t.equal(all.nodeAt('/x'), undefined)
  t.equal(isDirectory(index.nodeAt(root)), true)
  t.end()
})

test('what is at a path', t => {
  const f = folder(t, { 'a.txt': 'one' })
  const found = statPath(f.at('a.txt'), false)
  if (found.kind !== 'file') return t.fail('a file')
  rmSync(f.at('a.txt'))
  t.equal(fingerprint(f.at('a.txt'), found.stat, true), undefined, 'a file that vanished after it was seen')
  mkdirSync(f.at('a.txt'))
  t.throws(() => fingerprint(f.at('a.txt'), found.stat, true), { code: 'EISDIR' }, 'a file that cannot be read now')
  t.strictSame(statPath(f.at('a.txt/x'.padEnd(5000, 'x')), false), { kind: 'unreadable', code: 'ENAMETOOLONG' })
  symlinkSync('nowhere', f.at('link'))
  t.equal(statPath(f.at('link'), false).kind, 'other')
  t.equal(statPath(f.at('link'), true).kind, 'missing', 'a root that is a broken link does not exist')
  if (process.platform !== 'win32') t.equal(statPath('/dev/null', false).kind, 'other')
  t.end()
})

test('when content differs', t => {
  const one: Fingerprint = { size: 1, mtime: 1, ctime: 1, ino: 1, content: 7, denied: false, racy: false }
  const unread = { ...one, content: undefined }
  const rows: readonly (readonly [name: string, a: Fingerprint | undefined, b: Fingerprint | undefined, differ: boolean])[] = [
    ['no file', undefined, undefined, false],
    ['a vanished file', one, undefined, true],
    ['equal content with other metadata', one, { ...one, mtime: 2, ctime: 2, ino: 2 }, false],
    ['other content', one, { ...one, content: 8 }, true],
    ['unread content', one, unread, false],
    ['unread content, changed time', one, { ...unread, ctime: 2 }, false],
    ['unread content, other modification time', one, { ...unread, mtime: 0 }, true],
    ['unread content, other inode', one, { ...unread, ino: 2 }, true],
    ['unread content, other size', one, { ...unread, size: 2 }, true],
    ['no right to read any longer', one, { ...unread, ctime: 2, denied: true }, false],
    ['no right to read as before', { ...unread, denied: true }, { ...unread, ctime: 2, denied: true }, false],
    ['the right to read', { ...unread, denied: true }, { ...one, ctime: 2 }, true]
  ]
  for (const [name, a, b, expected] of rows) t.equal(differs(a, b), expected, name)
  t.end()
})

test('paths are those that join() gives, also at the root of the file system', t => {
  for (const directory of [sep, join(sep, 'a'), join(sep, 'a', 'b c')]) t.equal(pathOf(directory, 'x.html'), join(directory, 'x.html'))
  const top = createDirectory('')
  t.equal(locate(top, sep, sep)?.path, sep)
  t.equal(locate(top, join(sep, 'a'), join(sep, 'a', 'b'))?.path, join(sep, 'a'), 'the topmost directory that is not known')
  t.equal(locate(top, join(sep, 'a'), join(sep, 'ab')), undefined)
  top.children.set('', createDirectory(''))
  t.match(locate(top, sep, join(sep, 'a', 'b')), { name: 'a', path: join(sep, 'a') })
  t.match(locate(top, sep, `${sep}${sep}a`), { name: '', path: sep }, 'an empty name ends the search')
  t.end()
})

test('a table of fingerprints gives back what was put in, and uses rows of removed files again', t => {
  const make = (n: number): Fingerprint => ({ size: n, mtime: n + 0.25, ctime: n + 0.5, ino: 2 ** 53 - 1 - n, content: n % 3 === 0 ? undefined : 2 ** 52 - n, denied: n % 5 === 0, racy: n % 2 === 0 })
  const table = new FingerprintTable()
  const rows = Array.from({ length: 3000 }, (_, n) => table.add(make(n)))
  for (let n = 0; n < 3000; n += 2) table.delete(rows[n] as number)
  t.equal(table.size, 1500)
  for (let n = 0; n < 3000; n += 2) rows[n] = table.add(make(n + 5000))
  t.equal(table.size, 3000)
  t.equal(Math.max(...rows), 2999, 'no further row')
  table.set(rows[1] as number, make(7))
  t.strictSame(rows.map(row => table.get(row)), rows.map((_, n) => make(n === 1 ? 7 : n % 2 === 0 ? n + 5000 : n)))
  t.end()
})

test('the children of a directory are found by name, however many there are', t => {
  const children = new Children<number>()
  const expected = new Map<string, number>()
  const look = () => ({ size: children.size, pairs: children.names().map(name => [name, children.get(name)]) })
  const set = (name: string, row: number) => { children.set(name, row); expected.set(name, row) }
  for (const count of [0, 3, 32, 33, 100]) {
    while (expected.size < count) set(`p${expected.size}.html`, expected.size)
    if (count > 0) set('p1.html', -count)
    t.strictSame(look(), { size: count, pairs: [...expected] }, `${count} names`)
    t.equal(children.get('none'), undefined)
    children.delete('none')
    children.delete('p1.html')
    t.equal(children.get('p1.html'), undefined)
    t.equal(children.size, Math.max(0, count - 1))
    expected.delete('p1.html')
    if (count > 0) set('p1.html', 1)
  }
  t.end()
})
