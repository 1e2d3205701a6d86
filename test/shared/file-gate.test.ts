import { chmodSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { checkFile, checkNames, deniedFiles, splitPath, type GuardedRoot } from '../../lib/shared/file-gate.js'
import { folder } from '../support/folder.js'
import { onLinux, onPosix } from '../support/system.js'

const refused = (status: number, url: string): [string, number] => [url, status]

test('a path is cut into names only in its shortest form', async t => {
  const cases: [path: string, names: string[] | undefined][] = [
    ['', []], ['a.html', ['a.html']], ['a/b/', ['a', 'b']], ['ü 中.html', ['ü 中.html']], ['100%?#.html', ['100%?#.html']], ['.env', ['.env']], ['..;/x', ['..;', 'x']], ['a:b', ['a:b']],
    ['/', undefined], ['/a', undefined], ['a//b', undefined], ['a//', undefined], ['./a', undefined], ['a/.', undefined], ['../a', undefined], ['a/..', undefined], ['..\\a', undefined], ['a\\b', undefined], ['a\0', undefined], ['a\nb', undefined]
  ]
  for (const [path, names] of cases) t.same(splitPath(path), names, JSON.stringify(path))
})

test('names that are never served, and names that are', async t => {
  const bad = [
    ...['.env', 'a/.git/config', 'a/.well-known/x', '.well-known/.env', '...', 'a\u0001', 'a\u007f'].map(path => refused(404, path)),
    ...['server.key', 'SERVER.KEY', 'a.pem', 'a.pem/x', 'id_rsa', 'a.html~', '#a.html#', 'npm-debug.log.1', ...deniedFiles.map(glob => glob.replaceAll('*', 'x'))].map(path => refused(403, path))
  ]
  for (const [path, status] of bad) t.match(checkNames(path.split('/')), { status }, path)
  const good = ['a.html', '.well-known/security.txt', 'key', 'keys.html', 'a.pem.html', 'xid_rsa', 'id_rsa.html', 'a~b', '#a', 'a#', 'swp', 'x.swpx', 'debug.log', 'axkey', 'a:b', 'CON']
  for (const path of good) t.equal(checkNames(path.split('/'), 'ignore', false), undefined, path)
})

test('dotfiles: allow and deny', async t => {
  t.match(checkNames(['.env'], 'deny'), { status: 403 })
  t.equal(checkNames(['.env'], 'allow'), undefined)
  t.match(checkNames(['.key.pem'], 'allow'), { status: 403 }, 'denied names stay denied')
})

test('aliases of Windows are refused there', async t => {
  for (const name of ['.env::$DATA', 'a.html::$DATA', 'C:', 'CON', 'nul.txt', 'com1', 'a.html.', 'a.html ', 'lpt9.x']) t.match(checkNames([name], 'ignore', true), { status: 404 }, name)
  for (const name of ['console.html', 'com.html', 'a.b.html']) t.equal(checkNames([name], 'ignore', true), undefined, name)
})

test('a file is judged by its real path', onPosix, async t => {
  const { at } = folder(t, { 'site/a.txt': '', 'site/.env': '', 'site/sub/server.key': '', 'site/.well-known/x': '', 'site2/s.txt': '', 'outside.txt': '' })
  const links = { 'out.txt': '../outside.txt', 'sibling.txt': '../site2/s.txt', 'env.txt': '.env', 'key.html': 'sub/server.key', 'in.txt': 'a.txt', 'known.txt': '.well-known/x', 'loop.txt': 'loop.txt', 'nowhere.txt': 'missing.txt', dir: '../site2' }
  for (const [name, to] of Object.entries(links)) symlinkSync(to, at(`site/${name}`))
  symlinkSync(at('site'), at('current'))
  const cases: [reason: RegExp | undefined, name: string, more?: Partial<GuardedRoot>][] = [
    [undefined, 'a.txt'], [undefined, 'in.txt'], [undefined, 'known.txt'], [undefined, 'missing.txt'], [undefined, 'nowhere.txt'], [undefined, 'a.txt/below'], [undefined, 'x'.repeat(300)],
    [undefined, 'a.txt', { path: at('current') }], [undefined, 'a.txt', { path: at('missing') }],
    [/leads out.*followSymlinks: true/, 'out.txt'], [/leads out/, 'sibling.txt'], [/leads out/, 'dir'], [/leads out/, 'dir/s.txt'], [/leads out/, 'out.txt', { path: at('current') }],
    [/never served/, 'env.txt'], [/never served/, 'key.html'], [/cannot be read/, 'loop.txt'], [/begin with a dot/, '.env'],
    [undefined, 'env.txt', { dotfiles: 'allow' }], [undefined, 'out.txt', { followSymlinks: true }], [undefined, 'env.txt', { followSymlinks: true }], [/never served/, 'key.html', { dotfiles: 'allow' }]
  ]
  for (const [reason, name, more] of cases) {
    const refusal = checkFile({ path: at('site'), followSymlinks: false, dotfiles: 'ignore', ...more }, name.split('/'))
    if (reason === undefined) t.equal(refusal, undefined, `${name} ${JSON.stringify(more)}`)
    else t.match(refusal?.reason, reason, `${name} ${JSON.stringify(more)}`)
  }
  t.equal(checkFile({ path: '/', followSymlinks: false, dotfiles: 'ignore' }, ['etc', 'passwd']), undefined, 'the root of the disk')
})

test('a device and a file without read permission are refused', onPosix, async t => {
  const { at } = folder(t, { 'site/locked.css': '' })
  t.match(checkFile({ path: '/dev', followSymlinks: false, dotfiles: 'ignore' }, ['zero']), { status: 403, reason: /plain file/ })
  chmodSync(at('site/locked.css'), 0)
  if (process.getuid?.() !== 0) t.match(checkFile({ path: at('site'), followSymlinks: false, dotfiles: 'ignore' }, ['locked.css']), { status: 403, reason: /cannot be read/ })
})

// The system answers for the folder of a thread, and does not list it: as a disk does that folds case.
test('a name that the disk knows, and does not list, is refused', onLinux, async t => {
  const thread = readdirSync('/proc/self/task').find(id => id !== String(process.pid)) as string
  t.match(checkFile({ path: '/proc', followSymlinks: false, dotfiles: 'ignore' }, [thread, 'comm']), { status: 403, reason: /spelled differently/ })
  t.equal(checkFile({ path: '/proc', followSymlinks: false, dotfiles: 'ignore' }, [String(process.pid), 'comm']), undefined)
})

test('an error of the disk is thrown', async t => {
  t.throws(() => checkFile({ path: 'a\0', followSymlinks: false, dotfiles: 'ignore' }, ['a']), { code: 'ERR_INVALID_ARG_VALUE' })
})

test('a link that is pointed elsewhere is judged again', onPosix, async t => {
  const { at } = folder(t, { 'site/a.txt': '', 'outside.txt': '' })
  const root: GuardedRoot = { path: at('site'), followSymlinks: false, dotfiles: 'ignore' }
  for (const [target, reason] of [['site/a.txt', undefined], ['outside.txt', /leads out/], ['site/a.txt', undefined]] as const) {
    symlinkSync(at(target), at('site/fresh'))
    renameSync(at('site/fresh'), at('site/link.txt'))
    for (let i = 0; i < 2; i++) {
      const refusal = checkFile(root, ['link.txt'])
      if (reason === undefined) t.equal(refusal, undefined)
      else t.match(refusal?.reason, reason)
    }
  }
})
