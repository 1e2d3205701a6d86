// What a stack or a diagnostic names may be anything.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { readText } from '../../lib/shared/sources/source-text.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'

test('only regular files within the limits are read', async t => {
  const outside = folder(t, { 'secret.txt': 'secret' })
  const { path, at, write } = folder(t, { 'a.txt': 'text', 'empty.txt': '' })
  write('long.txt', Buffer.alloc(5000, 'x'))
  mkdirSync(at('sub'))
  symlinkSync(at('a.txt'), at('inside'))
  symlinkSync(outside.at('secret.txt'), at('outside'))
  symlinkSync(outside.path, at('folder'))
  symlinkSync(at('none'), at('dangling'))
  const read = (name: string, longer?: 'cut' | 'refuse') => readText(at(name), { within: path, maxBytes: 1000, ...longer && { longer } })
  t.equal(await read('a.txt'), 'text')
  t.equal(await read('empty.txt'), '')
  t.equal(await read('inside'), 'text', 'a link that stays')
  t.equal((await read('long.txt'))?.length, 1000)
  t.equal(await read('long.txt', 'refuse'), undefined)
  for (const name of ['outside', 'folder/secret.txt', 'dangling', 'sub', 'none', 'a\0b', '../x']) t.equal(await read(name), undefined, name)
  t.equal(await readText(at('outside'), { maxBytes: 10 }), 'secret', 'anywhere')
  t.equal(await readText(at('a.txt'), { within: at('none'), maxBytes: 10 }), undefined, 'the directory is gone')
})

test('what would wait, or never end, is not opened', onLinux, async t => {
  const { path, at } = folder(t)
  execFileSync('mkfifo', [at('fifo')])
  t.equal(await readText(at('fifo'), { within: path, maxBytes: 10 }), undefined)
  for (const file of ['/dev/zero', '/dev/stdin', '/proc/self/mem', '/proc/self/fd']) t.notOk(await readText(file, { maxBytes: 10 }), file)
})
