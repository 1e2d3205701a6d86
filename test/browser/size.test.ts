// What ships is small, and does nothing a strict policy forbids.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { test } from 'tap'

// What every page loads, and what is loaded when there is something to show.
const cases = [['client.ts', 'iife', 6], ['badge/status.ts', 'esm', 4], ['preserve/preserve.ts', 'esm', 4], ['update/update.ts', 'esm', 5], ['overlay/overlay.ts', 'esm', 7]] as const

for (const [entry, format, limit] of cases) {
  test(`minified: ${entry}`, async t => {
    const { outputFiles: [bundle] } = await build({
      entryPoints: [fileURLToPath(new URL(`../../lib/browser/${entry}`, import.meta.url))],
      bundle: true,
      minify: true,
      format,
      target: ['chrome100', 'firefox100', 'safari15'],
      write: false
    })
    const text = bundle?.text ?? ''
    const size = gzipSync(text).length
    t.comment(`${text.length} bytes, ${size} gzip`)
    t.ok(size < limit * 1024, `under ${limit} KB gzip`)
    t.notMatch(text, /\beval\(|new Function|innerHTML|insertAdjacentHTML|DOMParser|document\.write|createPolicy|href=/)
    if (format === 'iife') {
      t.notMatch(text, /\bexport\b/)
      t.equal(text.match(/import\(/g)?.length, 1, 'files fetched later come by one door')
    }
  })
}
