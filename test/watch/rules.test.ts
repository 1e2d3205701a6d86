// What is ignored, by table; and what that does to a running watch.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'
import { createIgnore } from '../../lib/watch/ignore/ignore.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import type { IgnoreRule } from '../../types/options.js'
import { backends, lines, watching } from './watching.js'

const ROOT = join(process.cwd(), 'site')

type Row = readonly [name: string, rules: readonly IgnoreRule[], ignored: readonly string[], kept: readonly string[]]
const table: Row[] = [
  ['defaults', [],
    ['.idea/', '.vscode/', 'a/.next/', '.nuxt/', '.nyc_output/', '.turbo/', '.git/', 'a/.git/', 'node_modules/', 'a/b/node_modules/', '.hg/', '.svn/', '.DS_Store', 'a/Thumbs.db', '4913', '.page.html.swp', '.page.html.swo', 'page.html~',
      '#page.html#', '.#page.html', 'page.html___jb_tmp___', 'page.html___jb_old___', '.page.html.kate-swp', '.goutputstream-A1B2', '.~lock.page.odt#', '~$page.docx', '.nfs0000a1', '.subl3f.tmp', 'x.vsctmp'],
    ['coverage/', 'page.html', '.gitignore', '.well-known/', 'git/', 'page.swp', 'a.tmp', '49130', 'node_modules.md', '#page', '~page', '.env', 'nfs']],
  ['a name', ['drafts'], ['drafts/', 'a/drafts/', 'a/b/drafts'], ['drafts2/', 'a/my-drafts']],
  ['an extension', ['*.log'], ['x.log', 'a/b/x.log', '.log'], ['x.log.md', 'log']],
  ['a path', ['a/b'], ['a/b', 'a/b/'], ['x/a/b', 'b']],
  ['a path with ./', ['./a/b'], ['a/b'], ['b']],
  ['two stars inside', ['a/**/b'], ['a/b', 'a/x/b', 'a/x/y/b'], ['b', 'x/a/b']],
  ['two stars around', ['**/drafts/**'], ['drafts/', 'x/drafts/', 'x/drafts/y'], ['drafts2']],
  ['only directories', ['out/'], ['out/', 'a/out/'], ['out', 'a/out']],
  ['hidden names', ['*'], ['.x', 'x', 'a/.x'], []],
  ['taken back', ['*.log', '!keep.log'], ['x.log'], ['keep.log', 'a/keep.log']],
  ['the defaults are never taken back', ['!node_modules'], ['node_modules/'], []],
  ['negation inside of a glob', ['!(keep).log'], ['x.log'], ['keep.log']],
  ['absolute', [`${ROOT}/a`, `${ROOT}/g/*.md`], ['a/', 'g/x.md'], ['b/a', 'x.md', 'h/x.md']],
  ['braces', ['*.{map,tmp}'], ['x.map', 'a/x.tmp'], ['x.mp']],
  ['an expression', [/\/drafts\//], ['drafts/', 'drafts/x', 'a/drafts/y'], ['drafts']],
  ['stateful expressions', [/\.log$/g, /.*\.map$/y], ['x.log', 'y.log', 'z.log', 'x.map', 'y.map'], ['x.logs']],
  ['a function', [path => path.endsWith('x')], ['x', 'a/x/'], ['y']],
  ['an answer that is not true', [(() => Promise.resolve(true)) as unknown as () => boolean], [], ['x']]
]

test('rules', async t => {
  for (const [name, rules, ignored, kept] of table) {
    t.test(name, async t => {
      const { log } = lines()
      const ask = createIgnore({ root: ROOT, rules, exclude: [], gitignore: false, log })
      const answer = (path: string) => ask.ignored(join(ROOT, path.replace(/\/$/, '')), path.endsWith('/'))
      for (let time = 0; time < 2; time++) {
        t.same(ignored.filter(path => !answer(path)), [], 'ignored')
        t.same(kept.filter(answer), [], 'kept')
      }
      t.equal(ask.ignored(ROOT, true), false, 'never the root itself')
      t.equal(ask.refresh(), false)
    })
  }

  t.test('our own rules on the longest paths there are', async t => {
    const { log } = lines()
    const { ignored } = createIgnore({ root: ROOT, rules: [/\.draft$/giy, '**/*.{bak,old}'], exclude: [], gitignore: false, log })
    for (const letter of ['a', '.', '~', '#', '0', '-', '_', '*', '(', '\\']) {
      const long = join(ROOT, ...Array.from({ length: 16 }, () => letter.repeat(250)), 'page.html')
      t.type(ignored(long, false), 'boolean', letter)
    }
  })

  t.test('an app\'s own expression keeps its state', async t => {
    const rule = /x/g
    rule.lastIndex = 3
    const { log } = lines()
    t.equal(createIgnore({ root: ROOT, rules: [rule], exclude: [], gitignore: false, log }).ignored(join(ROOT, 'x'), false), true)
    t.equal(rule.lastIndex, 3)
  })

  t.test('a function that throws is logged once and ignores nothing', async t => {
    const { log, lines: logged } = lines()
    const { ignored } = createIgnore({ root: ROOT, rules: [() => { throw new Error('oh') }], exclude: [], gitignore: false, log })
    t.equal(ignored(join(ROOT, 'a'), false) || ignored(join(ROOT, 'b'), false), false)
    t.equal(logged.length, 1)
    t.match(logged[0]?.text, /function in `ignore` failed/)
  })

  for (const glob of [`${'*/'.repeat(20_000)}x`, 'x'.repeat(70_000)]) {
    t.test(`a glob that is too long (${glob.length}) is logged once, and the other rules hold`, async t => {
      const { log, lines: logged } = lines()
      const { ignored } = createIgnore({ root: ROOT, rules: [glob, '*.log'], exclude: [], gitignore: false, log })
      t.strictSame(['a', 'b', 'x.log'].map(name => ignored(join(ROOT, name), false)), [false, false, true])
      t.equal(logged.length, 1)
      t.match(logged[0], { level: 'warn', text: /the pattern .{1,90} in `ignore` failed/ })
    })
  }
})

test('a coverage folder is ignored directly in a folder of sources', t => {
  const { log } = lines()
  const root = folder(t).path
  const ask = (gitignore: boolean) => createIgnore({ root, rules: [], exclude: [], gitignore, log }).ignored
  t.ok(ask(true)(join(root, 'coverage'), true))
  t.notOk(ask(true)(join(root, 'coverage'), false), 'a file')
  t.notOk(ask(true)(join(root, 'a/coverage'), true), 'deeper down')
  t.notOk(ask(false)(join(root, 'coverage'), true), 'where pages are served')
  t.end()
})

test('.gitignore', async t => {
  const f = folder(t, {
    '.gitignore': '*.log\n/dist\nsite/private/\n',
    'outside.txt': '',
    'site/.gitignore': '!keep.log\ncache/\n',
    'site/deep/.gitignore': 'local\n!*.log',
    'dist/.gitignore': 'x'
  })
  const { log } = lines()
  const of = (root: string) => {
    const { ignored } = createIgnore({ root: f.at(root), rules: [], exclude: [f.at('site/excluded')], gitignore: true, log })
    return (path: string) => ignored(f.at(path.replace(/\/$/, '')), path.endsWith('/'))
  }
  const rows: [root: string, path: string, ignored: boolean][] = [
    ['site', 'site/x.log', false], // no repository: what is above the root does not count
    ['site', 'site/cache/', true],
    ['site', 'site/cache', false],
    ['site', 'site/excluded/', true],
    ['.git', 'site/x.log', true],
    ['.git', 'site/keep.log', false],
    ['.git', 'site/deep/x.log', false],
    ['.git', 'site/deep/local', true],
    ['.git', 'site/local', false],
    ['.git', 'site/private/', true],
    ['.git', 'site/dist/', false],
    ['.git', 'site/X.LOG', process.platform !== 'linux']
  ]
  for (const [at, path, expected] of rows) {
    if (at === '.git') mkdirSync(f.at('.git'), { recursive: true })
    t.equal(of('site')(path), expected, `${path}, ${at}`)
  }
  t.equal(of('dist')('dist/page.html'), false, 'a root inside of an ignored directory was named on purpose')
  t.equal(of('dist')('dist/x'), true)
})

for (const backend of backends) {
  test(`a running watch, ${backend}`, async t => {
    t.test('ignored directories are not entered, ignored files are not reported', async t => {
      const f = folder(t, { 'page.html': 'one', 'node_modules/x/index.js': 'one', 'drafts/page.html': 'one' })
      const w = watching(t, f.path, { backend, ignore: ['drafts', '*.log'], exclude: [f.at('out')] })
      await w.watch.ready
      t.equal(w.watch.status().files, 1)
      for (const name of ['node_modules/x/index.js', 'node_modules/y/index.js', 'drafts/page.html', 'x.log', 'out/page.html', '.page.html.swp', 'a/node_modules/x', 'a/node_modules/b/x']) f.write(name, 'two')
      f.write('page.html', 'two')
      await w.told(f.at('page.html'))
      await w.settled()
      t.same(w.all().map(({ path }) => path), [f.at('page.html')])
      t.equal(w.watch.status().state, backend === 'poll' ? 'polling' : 'ok')
    })

    t.test('.gitignore changes: in the root, and above it', async t => {
      const f = folder(t, { '.git/HEAD': '', 'www/.gitignore': 'b.html\nlater/', 'www/a.html': 'one', 'www/b.html': 'one', 'www/later/x/page.html': 'one' })
      const w = watching(t, f.at('www'), { backend })
      await w.watch.ready
      t.equal(w.watch.status().files, 2)
      f.write('www/.gitignore', 'a.html\n')
      await until(() => w.watch.status().files === 3, 'read again')
      await w.settled()
      t.same(w.all().map(({ path }) => path), [f.at('www/.gitignore')], 'what comes out of hiding is no change')
      w.clear()
      f.write('www/a.html', 'two')
      f.write('www/b.html', 'two')
      f.write('www/later/x/page.html', 'two')
      await w.told(f.at('www/b.html'))
      await w.told(f.at('www/later/x/page.html'))
      t.equal(w.last(f.at('www/a.html')), undefined)
      f.write('.gitignore', 'b.html')
      await until(() => w.watch.status().files === 2, 'read again')
      rmSync(f.at('.gitignore'))
      await until(() => w.watch.status().files === 3, 'read again')
    })
  })
}

test('what changes together with .gitignore', async t => {
  const before = { '.git/HEAD': '', '.gitignore': 'x', 'www/.gitignore': 'hidden\nd/p/', 'www/d/.gitignore': '-q', 'www/a': '1', 'www/d/b': '1', 'www/d/c': '1', 'www/hidden': '1', 'www/d/p/r/s': '1', 'www/d/-q': '1', 'www/later': '1' }
  const changes = ['create d/new', 'delete d/c', 'update a', 'update d/b']
  type Row = readonly [name: string, rules: Record<string, string>, more: readonly string[], files: number]
  const rows: Row[] = [
    ['above the root', { '.gitignore': 'later' }, [], 5],
    ['in the root', { 'www/.gitignore': 'later' }, ['update .gitignore'], 7],
    ['in several directories', { 'www/.gitignore': 'later', 'www/d/.gitignore': '' }, ['update .gitignore', 'update d/.gitignore'], 8]
  ]
  for (const [name, rules, more, files] of rows) {
    t.test(name, async t => {
      const f = folder(t, before)
      // It does not look by itself: all is found by the change of rules.
      const w = watching(t, f.at('www'), { backend: 'poll', pollInterval: 600_000 })
      await w.watch.ready
      t.equal(w.watch.status().files, 6)
      for (const [path, text] of Object.entries({ ...rules, 'www/a': '2', 'www/d/b': '2', 'www/d/new': '2' })) f.write(path, text)
      rmSync(f.at('www/d/c'))
      await w.watch.check([f.at('www/.gitignore')])
      await w.told(f.at('www/d/c'))
      await until(() => w.watch.status().files === files, 'hidden and shown')
      await w.settled()
      t.same(w.all().map(({ path, type }) => `${type} ${path.slice(f.at('www/').length)}`).sort(), [...changes, ...more].sort())
    })
  }

  for (const backend of backends) {
    t.test(`in the midst of changes, ${backend}`, async t => {
      const f = folder(t, before)
      const w = watching(t, f.at('www'), { backend })
      await w.watch.ready
      for (const path of ['www/d/b', 'www/.gitignore', 'www/a', '.gitignore', 'www/d/c']) f.write(path, 'hidden')
      for (const path of ['d/b', '.gitignore', 'a', 'd/c']) await w.told(f.at(`www/${path}`))
      await until(() => w.watch.status().files === 7, 'shown')
      t.equal(w.last(f.at('www/d/p/r/s')), undefined)
    })

    t.test(`before the first look is over, ${backend}`, async t => {
      const f = folder(t, before)
      const w = watching(t, f.at('www'), { backend })
      // The index takes for new what has a later time than its beginning.
      for (const end = Date.now() + 20; Date.now() < end;);
      const changed = [f.write('www/.gitignore', 'later'), f.write('www/d/b', '2')]
      await w.watch.ready
      await until(() => w.watch.status().files === 7, 'hidden and shown')
      await w.settled()
      t.same(w.all().map(({ path }) => path), changed)
    })
  }
})

test('a .gitignore that cannot be read ignores nothing', async t => {
  const f = folder(t, { 'a.html': '' })
  mkdirSync(f.at('.gitignore'))
  const { log } = lines()
  const { ignored, refresh } = createIgnore({ root: f.path, rules: [], exclude: [], gitignore: true, log })
  t.equal(ignored(f.at('a.html'), false), false)
  t.equal(refresh(f.at('.gitignore')), false)
  rmSync(f.at('.gitignore'), { recursive: true })
  writeFileSync(f.at('.gitignore'), 'a.html')
  t.equal(refresh(f.at('other')), false)
  t.equal(refresh(f.at('.gitignore')), true)
  t.equal(ignored(f.at('a.html'), false), true)
  t.equal(dirname(f.at('a.html')), f.path)
})

test('a line of a .gitignore that is too long is skipped with a warning, and the watch goes on', async t => {
  const f = folder(t, { '.git/HEAD': '', 'a.html': 'one', 'b.log': 'one' })
  const long = 'x'.repeat(40_000)
  f.write('.gitignore', [long, `!${long}`, `#${long}`, 'y'.repeat(600), '*.log'].join('\r\n'))
  const w = watching(t, f.path)
  await w.watch.ready
  f.write('b.log', 'two')
  f.write('a.html', 'two')
  await w.told(f.at('a.html'))
  await w.settled()
  t.notOk(w.last(f.at('b.log')), 'the other lines hold')
  t.strictSame(w.lines.map(({ level, text }) => [level, text]), [1, 2].map((line, i) =>
    ['warn', `live reload: line ${line} of ${f.at('.gitignore')} is no pattern that can be used (${40_000 + i} characters); it is skipped`]))
})

test('include', async t => {
  const rows: Row[] = [
    ['an extension', ['*.md'], ['x.html', 'a/x.html', 'md'], ['x.md', 'a/b/x.md', '.md']],
    ['a path', ['posts/**'], ['x.md', 'a/posts/x.md'], ['posts/x.md', 'posts/a/x']],
    ['several', ['*.md', 'data/*.json'], ['x.json', 'data/a/x.json'], ['x.md', 'data/x.json']],
    ['negation inside of a glob', ['!(draft)*.md'], ['x.html'], ['x.md']],
    ['absolute', [`${ROOT}/a/*.md`], ['x.md'], ['a/x.md']],
    ['directories are entered', ['*.md'], ['node_modules/'], ['a/', 'x.html/']]
  ]
  const { log, lines: logged } = lines()
  for (const [name, include, ignored, kept] of rows) {
    const ask = createIgnore({ root: ROOT, rules: [], include: include as string[], exclude: [], gitignore: false, log })
    const answer = (path: string) => ask.ignored(join(ROOT, path.replace(/\/$/, '')), path.endsWith('/'))
    t.same([ignored.filter(path => !answer(path)), kept.filter(answer)], [[], []], name)
  }
  const ask = createIgnore({ root: ROOT, rules: ['draft.md'], include: ['*.md', 'x'.repeat(70_000)], exclude: [], gitignore: false, log })
  t.same(['a.md', 'draft.md', 'a.html'].map(path => ask.ignored(join(ROOT, path), false)), [false, true, true], '`ignore` holds')
  t.equal(ask.ignored(ROOT, false), false, 'a file that is a root is no matter of globs')
  t.match(logged.map(({ text }) => text), [/in `include` failed; the path counts as not included/])
})

test('only what `include` matches is reported, and the .gitignore files hold', async t => {
  const f = folder(t, { '.git/HEAD': '', '.gitignore': 'hidden.md', 'src/a.md': 'one', 'src/b.html': 'one', 'src/hidden.md': 'one', 'src/.gitignore': '' })
  const w = watching(t, f.at('src'), { include: ['*.md'] })
  await w.watch.ready
  f.write('src/b.html', 'two')
  f.write('src/hidden.md', 'two')
  f.write('src/.gitignore', 'later.md')
  f.write('src/a.md', 'two')
  await w.told(f.at('src/a.md'))
  f.write('src/later.md', 'one')
  f.write('src/d/new.md', 'one')
  await w.told(f.at('src/d/new.md'), 'create')
  await w.settled()
  t.strictSame([...new Set(w.all().map(({ path }) => path))], [f.at('src/a.md'), f.at('src/d/new.md')])
})
