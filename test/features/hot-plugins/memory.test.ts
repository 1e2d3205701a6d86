// Old versions are collected: many reloads in a small heap.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'
import { folder } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'
import { times } from '../../support/times.js'

const CHILD = fileURLToPath(new URL('memory-child.js', import.meta.url))

test('reloads of a plugin with two imports in a heap of 48 MB', onPosix, async t => {
  const reloads = times(100, 1000)
  const { at } = folder(t, { 'package.json': '{ "type": "module" }', 'plugins/_.js': '' })
  // tap adds an import to every process of Node that it sees starting. It parses the source maps of all that is loaded, which take half of this heap.
  // Newer versions of V8 let the young generation grow to 100 MB, whatever is in it.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, '--max-old-space-size=48', '--max-semi-space-size=8', '--expose-gc', CHILD, at('plugins'), String(reloads)]
  const { stdout } = await promisify(execFile)('env', command, { env: { ...process.env, NODE_ENV: 'development' } })
  const found = JSON.parse(stdout) as { collected: number, rssEarly: number, rss: number }
  t.comment(stdout.trim())
  t.ok(found.collected >= reloads * 0.99 - 1, `${found.collected} of ${reloads} old instances are collected`)
  // A process that has just begun still grows for other reasons.
  if (reloads >= 1000) t.ok(found.rss <= found.rssEarly * 1.15, `memory after ${reloads} reloads is within 15 % of that after ${reloads / 10}`)
})
