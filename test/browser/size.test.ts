// What ships is small, and does nothing a strict policy forbids.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { test } from 'tap'

// Bytes of what every page loads, and of what it loads when needed: 6 and 12 KB together (decision 016).
const cases = { client: 6144, more: 6600 }
const gzipped = (text: string) => gzipSync(text, { level: 9 }).length
const texts = Object.keys(cases).map(name => readFileSync(new URL(`../../lib/browser/${name}.min.js`, import.meta.url), 'utf8'))

for (const [i, [name, limit]] of Object.entries(cases).entries()) {
  test(`minified: ${name}`, async t => {
    const text = texts[i] ?? ''
    t.comment(`${text.length} bytes, ${gzipped(text)} gzip`)
    t.ok(gzipped(text) <= limit, `at most ${limit} bytes, gzip`)
    t.notMatch(text, /\beval\(|new Function|innerHTML|insertAdjacentHTML|DOMParser|document\.write|createPolicy|href=/)
    if (name === 'client') {
      t.notMatch(text, /\bexport\b/)
      t.equal(text.match(/import\(/g)?.length, 1, 'files fetched later come by one door')
    }
  })
}

test('the whole client', async t => {
  const size = texts.map(gzipped).reduce((sum, one) => sum + one)
  t.comment(`${size} bytes gzip`)
  t.ok(size <= 12_288)
})

test('what only pages that are changed in place load', async t => {
  const size = gzipped(readFileSync(new URL('../../lib/browser/morph.min.js', import.meta.url), 'utf8'))
  t.comment(`${size} bytes gzip`)
  t.ok(size <= 7740)
})

test('the client of pages whose console is forwarded, or shows the log of the server', async t => {
  const size = gzipped(readFileSync(new URL('../../lib/browser/console.min.js', import.meta.url), 'utf8'))
  t.comment(`${size} bytes gzip`)
  t.ok(size <= 8500)
})

test('what only pages with a failed build load', async t => {
  const size = gzipped(readFileSync(new URL('../../lib/browser/failures.min.js', import.meta.url), 'utf8'))
  t.comment(`${size} bytes gzip`)
  t.ok(size <= 1000)
})
