import { closeSync, openSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { createFileGate, judgeReal, look, whyNot, type GateRoot } from '../../lib/static/file-gate.js'
import { folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'

const root = (path: string, more: Partial<GateRoot> = {}): GateRoot => ({ path, followSymlinks: false, dotfiles: 'ignore', ...more })
const names = (path: string) => path.split('/').filter(Boolean)

const reals: [why: RegExp | undefined, real: string, named: string, more?: Partial<GateRoot>][] = [
  [undefined, '/srv/app/a/b', 'a/b'],
  [undefined, '/srv/app', ''],
  [undefined, '/srv/app/caf\u0065\u0301', 'caf\u00e9'],
  [undefined, '/srv/app/c', 'a/b'],
  [undefined, '/srv/app/.well-known/x', 'x'],
  [/leads out/, '/srv/app2/a', 'a'],
  [/leads out/, '/srv', 'a'],
  [/leads out/, '/srv/APP/a', 'a'],
  [/spelled otherwise/, '/srv/app/Private/S', 'private/s'],
  [/spelled otherwise/, '/srv/app/CAF\u00c9', 'cafe\u0301'],
  [/never served/, '/srv/app/.env', 'env.txt'],
  [/never served/, '/srv/app/x/server.key', 'a.html'],
  [undefined, '/srv/app/.env', 'env.txt', { dotfiles: 'allow' }],
  [undefined, '/srv/app2/a', 'a', { followSymlinks: true }],
  [undefined, '/srv/app/.env', 'env.txt', { followSymlinks: true }],
  [/spelled otherwise/, '/srv/app/A', 'a', { followSymlinks: true }]
]

test('judged by the real path', onPosix, async t => {
  for (const [why, real, named, more] of reals) {
    const objection = judgeReal(root('/any', more), '/srv/app', real, names(named))
    if (why === undefined) t.equal(objection, undefined, `${named} is ${real}`)
    else t.match(objection, why, `${named} is ${real}`)
  }
  t.equal(judgeReal(root('/'), '/', '/etc/motd', ['etc', 'motd']), undefined, 'the root of the disk ends with a separator')
})

test('what an error of the disk means', async t => {
  for (const code of ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']) t.same(whyNot({ code }), { kind: 'missing' }, code)
  for (const code of ['EACCES', 'EPERM', 'ELOOP', 'ENXIO']) t.match(whyNot({ code }), { kind: 'refused' }, code)
  t.throws(() => whyNot(Object.assign(new Error('disk on fire'), { code: 'EIO' })), { code: 'EIO' })
})

test('looks before it opens', async t => {
  const { path, write, at } = folder(t)
  write('a', 'x')
  t.match(await look(at('a')), { kind: 'file', stat: { size: 1 } })
  t.match(await look(path), { kind: 'directory' })
  t.match(await look(at('b')), { kind: 'missing' })
  t.match(await look(at('a/b')), { kind: 'missing' })
  t.match(await look(at('x'.repeat(300))), { kind: 'missing' })
  await t.rejects(look(at('\0')), { code: 'ERR_INVALID_ARG_VALUE' })
})

for (const hasDescriptors of [undefined, false]) {
  test(`S-062 an open file is judged by what was opened, ${hasDescriptors === undefined ? 'as this system can' : 'without /proc'}`, async t => {
    const { at, write } = folder(t, { 'site/a.txt': 'in', 'out.txt': 'out' })
    const gate = createFileGate(root(at('site')), hasDescriptors)
    const judge = async (name: string, between: () => void = () => {}) => {
      const fd = openSync(at(`site/${name}`), 'r')
      between()
      return gate.objectToOpen([name], fd).finally(() => closeSync(fd))
    }
    t.equal(await judge('a.txt'), undefined)
    t.equal(await judge('a.txt'), undefined, 'known by now')
    symlinkSync(at('out.txt'), at('site/x.txt'))
    t.match(await judge('x.txt'), /leads out/)
    t.match(await judge('x.txt', () => {
      rmSync(at('site/x.txt'))
      write('site/x.txt', 'in again')
    }), /leads out|replaced/, 'pointed inside only after it was opened')
    const swapped = await judge('a.txt', () => {
      symlinkSync(at('out.txt'), at('site/fresh'))
      renameSync(at('site/fresh'), at('site/a.txt'))
    })
    if (swapped !== undefined) t.match(swapped, /leads out|replaced/, 'pointed outside after it was opened: the open file was inside')
    t.match(await judge('a.txt'), /leads out/, 'being known once does not help')
  })
}

test('a file replaced while it is open is still the file that was inside', async t => {
  const { at } = folder(t, { 'a.txt': 'one', 'b.txt': 'two' })
  const gate = createFileGate(root(at('')))
  const fd = openSync(at('a.txt'), 'r')
  renameSync(at('b.txt'), at('a.txt'))
  t.equal(await gate.objectToOpen(['a.txt'], fd), undefined)
  closeSync(fd)
})

test('what it remembers is bounded and never outlives a change', async t => {
  const { at, write } = folder(t, { 'site/a.txt': 'in', 'site/b.txt': 'in', 'out.txt': 'out' })
  const gate = createFileGate(root(at('site')), undefined, 1)
  const open = async (name: string) => {
    const fd = openSync(at(`site/${name}`), 'r')
    return gate.objectToOpen([name], fd).finally(() => closeSync(fd))
  }
  for (const name of ['a.txt', 'b.txt', 'a.txt']) t.equal(await open(name), undefined)
  t.equal(await gate.objectTo(['a.txt'], statSync(at('site/a.txt'))), undefined)
  rmSync(at('site/a.txt'))
  symlinkSync(at('out.txt'), at('site/a.txt'))
  t.match(await gate.objectTo(['a.txt'], statSync(at('site/a.txt'))), /leads out/)
  t.match(await open('a.txt'), /leads out/)
  rmSync(at('site/a.txt'))
  write('site/a.txt', 'back')
  t.equal(await open('a.txt'), undefined)
})
