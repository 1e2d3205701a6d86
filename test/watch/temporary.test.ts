// Which names are those of temporary files.
import { test } from 'tap'
import { isTemporary } from '../../lib/watch/timing/temporary.js'

const FILES = new Set(['/a/page.html', '/a/style.css'])
const rows: readonly (readonly [name: string, temporary: boolean])[] = [
  ['page.html.3f2a', true], ['page.html~', true], ['style.css-3f2a9c', true], ['.page.html.swx', true], ['.tmp-1', true], ['sedA1b2C3', true], ['page.html.bak', true], ['tmp.123', true],
  ['other.html', false], ['other.min.css', false], ['page.htm', false], ['sedan.html', false], ['bak', false]
]

test('names that editors and tools give a file for a moment', async t => {
  for (const [name, temporary] of rows) t.equal(isTemporary(`/a/${name}`, path => FILES.has(path)), temporary, name)
})
