// Corners that whole documents reach only by chance.
import { test } from 'tap'
import { attributesOf } from '../../lib/inject/html/attributes.js'
import { createEnding } from '../../lib/inject/html/ending.js'
import { insertBytes, insertText } from '../../lib/inject/body/insert.js'
import { scanXml } from '../../lib/inject/html/scan-xml.js'

const TAG = '<script></script>'

test('attributes without a value are passed over', async t => {
  t.strictSame(attributesOf('<meta hidden CONTENT=x name="y">').map(({ name, value }) => [name, value]), [['content', 'x'], ['name', 'y']])
})

test('an end tag that has left already is no place any more', async t => {
  for (const name of ['/body', '/html']) {
    const ending = createEnding()
    ending.tell({ name, start: 5, open: true } as never)
    t.equal(ending.held(5), 5, `${name}: held`)
    t.equal(ending.held(6), Infinity, `${name}: gone`)
  }
})

test('a policy in the head is a longer story, for text and bytes', async t => {
  const html = '<!doctype html><head><meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head>'
  for (const position of ['head', 'body'] as const) {
    t.strictSame(insertText(html, TAG, { position, navigation: true }), { special: true })
    t.strictSame(insertBytes(Buffer.from(html), Buffer.from(TAG), { position, navigation: true }), { special: true })
  }
})

test('and behind a large head; behind its end none is looked for', async t => {
  const rules = { position: 'head', navigation: true } as const
  const space = `<style>${' '.repeat(70_000)}</style>`
  const meta = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
  for (const [html, special] of [[`<html><head>${space}${meta}`, true], [`<html><head>${space}`, false], [`<html><head></head>${space}${meta}`, false], [`<html><body>${space}${meta}`, false]] as const) {
    t.equal('special' in insertText(html, TAG, rules), special)
    t.equal('special' in insertBytes(Buffer.from(html), Buffer.from(TAG), rules), special)
  }
})

test('a mark of the byte order may come in pieces', async t => {
  t.equal(scanXml('\xEF', false).kind, 'more')
  t.equal(scanXml('\xEF\xBB', false).kind, 'more')
  t.equal(scanXml('\xEF\xBB\xBF<html xmlns="http://www.w3.org/1999/xhtml">', true).kind, 'document')
})

test('scripts within scripts end where browsers end them', async t => {
  const rules = { position: 'body', navigation: true } as const
  const cases = ['<script>"<script>"</script>', '<script><!-- <script> </script> --></script>', '<script><!-- <script> <script> </script> --></script>']
  for (const script of cases) {
    const before = `<!doctype html><html><head></head><body>${script}`
    t.strictSame(insertText(`${before}</body></html>`, TAG, rules), { html: `${before}${TAG}</body></html>` }, script)
  }
})
