import { test } from 'tap'
import { insertBytes, insertText, type Injection } from '../../lib/inject/body/insert.js'
import { findEnd } from '../../lib/inject/html/end.js'
import { PROLOGUE } from '../../lib/inject/html/scan.js'
import { BODIES, HEADS } from './corpus.js'

const TAG = '<script></script>'
const rules = (position: 'head' | 'body', navigation = false): Injection => ({ tag: TAG, position, navigation })

const noEnd = (position: string, html: string) => position === 'body' && findEnd(html) === undefined

function text (html: string, given: Injection): string {
  const inserted = insertText(html, given)
  return 'html' in inserted ? inserted.html : html
}

function bytes (html: Buffer, given: Injection): Buffer {
  const inserted = insertBytes(html, given)
  return 'html' in inserted ? inserted.html : html
}

for (const [position, table] of [['head', HEADS], ['body', BODIES]] as const) {
  test(`${position}: text and bytes alike`, async t => {
    for (const { name, html, expected, refused } of table) {
      t.equal(text(html, rules(position)), expected(TAG), name)
      t.equal(bytes(Buffer.from(html), rules(position)).toString(), expected(TAG), `${name}, as bytes`)
      t.equal('reason' in insertText(html, rules(position)), refused, `${name}: refused`)
      t.equal(text(html, rules(position, true)).length, html.length + (noEnd(position, html) ? 0 : TAG.length), `${name}, asked for as a document`)
    }
  })
}

test('latin1 bytes stay as they are', async t => {
  const html = Buffer.from('<html title="\xE4"><head><title>\xFC\xFF</title>', 'latin1')
  t.equal(bytes(html, rules('head')).toString('latin1'), `<html title="\xE4"><head>${TAG}<title>\xFC\xFF</title>`)
})

test('a navigation makes a document of what looks like a fragment', async t => {
  for (const [html, expected] of [
    ['<h1>hi</h1>', `${TAG}<h1>hi</h1>`],
    ['text', `${TAG}text`],
    ['<!-- a --><p>', `<!-- a -->${TAG}<p>`],
    ['<meta charset="utf-8"><p>', `<meta charset="utf-8">${TAG}<p>`],
    ['\uFEFFx', `\uFEFF${TAG}x`]
  ] as const) {
    t.equal(text(html, rules('head', true)), expected, html)
    t.equal(bytes(Buffer.from(html), rules('head', true)).toString(), expected, html)
  }
  t.equal(text('<h1>hi</h1>', rules('body', true)), `<h1>hi</h1>${TAG}`)
})

test('UTF-16 is left alone', async t => {
  const utf16 = Buffer.from('<!doctype html><html>', 'utf16le')
  for (const html of [
    utf16,
    Buffer.from(utf16).swap16(),
    Buffer.concat([Buffer.from([0xFF, 0xFE]), utf16]),
    Buffer.concat([Buffer.from([0xFE, 0xFF]), Buffer.from(utf16).swap16()])
  ]) {
    t.match(insertBytes(html, rules('head', true)), { reason: 'its encoding does not contain ASCII' }, html.toString('hex', 0, 4))
  }
})

test('a document must say so within 64 KiB', async t => {
  const comment = (size: number) => `<!--${'x'.repeat(size)}-->`
  const far = `${comment(PROLOGUE)}<!doctype html><html>`
  const near = `${comment(PROLOGUE - 100)}<!doctype html><html>`
  const late = `<!doctype html><html>${comment(PROLOGUE)}<head>`
  const reason = 'no document begins within its first 64 KiB'
  t.match(insertText(far, rules('head', true)), { reason })
  t.match(insertBytes(Buffer.from(far), rules('head', true)), { reason })
  t.equal(text(near, rules('head')), near + TAG)
  t.equal(bytes(Buffer.from(near), rules('head')).toString(), near + TAG)
  t.equal(text(late, rules('head')), late.replace('<html>', `$&${TAG}`))
  t.equal(bytes(Buffer.from(late), rules('head')).toString(), late.replace('<html>', `$&${TAG}`))
})

test('the end is found far from the end of the bytes', async t => {
  const html = `<html><body></body>${' '.repeat(200_000)}`
  t.equal(bytes(Buffer.from(html), rules('body')).toString(), html.replace('</body>', `${TAG}$&`))
})
