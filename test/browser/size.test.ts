// What ships is small, and does nothing a strict policy forbids.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { test } from 'tap'

test('the minified client', async t => {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [fileURLToPath(new URL('../../lib/browser/client.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome100', 'firefox100', 'safari15'],
    write: false
  })
  const text = bundle?.text ?? ''
  const size = gzipSync(text).length
  t.comment(`${text.length} bytes, ${size} gzip`)
  t.ok(size < 4096, 'under 4 KB gzip')
  t.notMatch(text, /\beval\(|new Function|innerHTML|document\.write|import\(|\bexport\b/)
})
