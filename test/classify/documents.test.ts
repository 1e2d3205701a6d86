import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { test, type Test } from 'tap'
import { renameSheets } from '../../lib/inject/html/sheets.js'
import { createDocuments, type Documents, type Renamed } from '../../lib/classify/documents.js'
import { folder } from '../support/folder.js'

const page = (sheet: string, body = 'text') => `<!doctype html><title>ä</title><link rel=stylesheet href="${sheet}" integrity="sha256-${sheet}"><link rel=stylesheet href=/other-00000000.css><script src=app-11111111.js></script>${body}`

/** Sends `body` as the file at `path`. */
function send (documents: Documents, path: string, body: string): void {
  writeFileSync(path, body)
  documents.served(path, statSync(path))
}

/** A page that went out, and what became of it. */
function one (t: Test, before: string, now: string | Buffer | undefined, name = 'index.html') {
  const { at, write } = folder(t)
  const documents = createDocuments(renameSheets)
  send(documents, at(name), before)
  if (now === undefined) rmSync(at(name))
  else write(name, now)
  return documents.compare(at(name))
}

const rows: readonly (readonly [what: string, before: string, now: string | Buffer | undefined, expected: readonly Renamed[] | string])[] = [
  ['a new name of a sheet', page('css/ä_1a2B3c4D.css?v=1'), page('css/ä_9f8e7d6c.css?v=1'), [['css/ä_1a2B3c4D.css?v=1', 'css/ä_9f8e7d6c.css?v=1']]],
  ['a name made with a dot', page('/a.1a2b3c4d.css'), page('/a.9f8e7d6c.css'), [['/a.1a2b3c4d.css', '/a.9f8e7d6c.css']]],
  ['two names of one family', page('/a.1a2b3c4d.css') + page('/a.1111111.css'), page('/a.9f8e7d6c.css') + page('/a.1a2b3c4d.css'), [['/a.1a2b3c4d.css', '/a.9f8e7d6c.css'], ['/a.1111111.css', '/a.1a2b3c4d.css']]],
  ['addresses relative to something else', page('/a.1a2b3c4d.css', '<base href=/x/>'), page('/a.9f8e7d6c.css', '<base href=/x/>'), 'changed'],
  ['nothing', page('/a.1a2b3c4d.css'), page('/a.1a2b3c4d.css'), []],
  ['another text', page('/a.1a2b3c4d.css'), page('/a.9f8e7d6c.css', 'texts'), 'changed'],
  ['a new name of a script', page('/a.1a2b3c4d.css'), page('/a.9f8e7d6c.css').replace('11111111', '22222222'), 'changed'],
  ['another sheet', page('/a.1a2b3c4d.css'), page('/b.9f8e7d6c.css'), 'changed'],
  ['a sheet elsewhere', page('/a.1a2b3c4d.css'), page('/x/a.1a2b3c4d.css'), 'changed'],
  ['a query', page('/a.1a2b3c4d.css'), page('/a.1a2b3c4d.css?1'), 'changed'],
  ['a name without a fingerprint', page('/a.1.css'), page('/a.2.css'), 'changed'],
  ['a hash and no name', page('/a.css'), page('/a.css').replace('sha256', 'sha512'), 'changed'],
  ['it is gone', page('/a.1a2b3c4d.css'), undefined, 'changed'],
  ['it is large', page('/a.1a2b3c4d.css'), page('/a.9f8e7d6c.css', 'x'.repeat(128 * 1024)), 'changed'],
  ['it was large', page('/a.1a2b3c4d.css', 'x'.repeat(128 * 1024)), page('/a.9f8e7d6c.css', 'x'.repeat(128 * 1024)), 'changed'],
  ['another encoding', page('/a.1a2b3c4d.css'), Buffer.from(page('/a.9f8e7d6c.css'), 'utf16le'), 'changed']
]

for (const [what, before, now, expected] of rows) {
  test(what, t => {
    t.same(one(t, before, now), expected)
    t.end()
  })
}

test('again and again, from what it was before', t => {
  const { at, write } = folder(t)
  const documents = createDocuments(renameSheets)
  const path = at('a.HTM')
  const seen: unknown[] = []
  t.equal(documents.compare(path), 'unused')
  send(documents, path, page('a-11111111.css'))
  for (const name of ['22222222', '33333333', '22222222', '22222222']) {
    write('a.HTM', page(`a-${name}.css`))
    seen.push(documents.compare(path))
    documents.served(path, statSync(path))
  }
  t.same(seen, [[['a-11111111.css', 'a-22222222.css']], [['a-22222222.css', 'a-33333333.css']], [['a-33333333.css', 'a-22222222.css']], []])
  documents.forget(path)
  t.equal(documents.compare(path), 'unused')
  rmSync(path)
  t.end()
})

test('each name that went out since has the new one as its successor', t => {
  const { at, write } = folder(t)
  const documents = createDocuments(renameSheets)
  const path = at('index.html')
  const serve = (name: string) => send(documents, path, page(`a-${name}.css`))
  for (const name of ['11111111', '22222222', '11111111', '33333333']) serve(name)
  write('index.html', page('a-33333333.css'))
  t.same(documents.compare(path), [['a-22222222.css', 'a-33333333.css'], ['a-11111111.css', 'a-33333333.css']])
  serve('33333333')
  write('index.html', page('a-44444444.css'))
  t.same(documents.compare(path), [['a-33333333.css', 'a-44444444.css']], 'tabs have already replaced the others')
  t.end()
})

test('what went out in several forms, or in one that is not known, has changed', t => {
  const { at, write } = folder(t)
  const documents = createDocuments(renameSheets)
  const html = page('a-11111111.css')
  const ways: readonly (readonly (string | undefined)[])[] = [[html, page('a-11111111.css', 'other')], [undefined], [html, undefined], [undefined, html], [html, 'other', html]]
  for (const [i, bodies] of ways.entries()) {
    const path = at(`${i}.html`)
    for (const body of bodies) {
      if (body === undefined) documents.served(path)
      else send(documents, path, body)
    }
    write(`${i}.html`, page('a-22222222.css'))
    t.equal(documents.compare(path), 'changed')
    documents.forget(path)
    send(documents, path, html)
    write(`${i}.html`, page('a-22222222.css'))
    t.same(documents.compare(path), [['a-11111111.css', 'a-22222222.css']], 'forgotten with the reload')
  }
  documents.served(at('data.json'))
  documents.served(at('app.js'))
  t.same(['data.json', 'other.json', 'app.js', 'other.js'].map(name => documents.compare(at(name))), ['changed', 'unused', 'changed', 'changed'])
  t.end()
})

test('what went into a worklet is in no list of a page', t => {
  const documents = createDocuments(renameSheets)
  const dests = { '/audio.js': 'audioworklet', '/paint.js': 'paintworklet', '/app.js': 'script', '/none.js': undefined }
  for (const [path, dest] of Object.entries(dests)) documents.served(path, undefined, dest)
  t.same(Object.keys(dests).filter(path => documents.isHidden(path)), ['/audio.js', '/paint.js'])
  t.end()
})

test('its memory is bounded: after too many files everything may have gone out', t => {
  const documents = createDocuments(renameSheets, 2)
  for (const name of ['a', 'b', 'a']) documents.served(`/${name}.html`)
  t.equal(documents.compare('/c.html'), 'unused')
  for (const name of ['c', 'd']) documents.served(`/${name}.html`)
  for (const name of ['a', 'c', 'x']) t.equal(documents.compare(`/${name}.html`), 'changed')
  t.end()
})

test('a file that has not changed is read once', t => {
  const { at, write } = folder(t)
  let reads = 0
  const documents = createDocuments(html => { reads++; return html })
  const path = write('old.html', page('a-11111111.css'))
  const { atime, mtime } = statSync(path)
  setTimeout(() => {
    for (let i = 0; i < 3; i++) documents.served(path, statSync(path))
    t.equal(reads, 1)
    utimesSync(path, atime, mtime)
    documents.served(path, statSync(path))
    t.equal(reads, 2, 'the change time has moved')
    documents.served(at('gone.html'), statSync(path))
    t.equal(documents.compare(at('gone.html')), 'changed', 'it cannot be read')
    t.end()
  }, 100)
})

test('a clock that was set back does not make a file be read each time', t => {
  const { write } = folder(t)
  let reads = 0
  const documents = createDocuments(html => { reads++; return html })
  const path = write('old.html', page('a-11111111.css'))
  const now = Date.now()
  t.intercept(Date, 'now', { value: () => now - 3_600_000 })
  for (let i = 0; i < 3; i++) documents.served(path, statSync(path))
  t.equal(reads, 1)
  t.end()
})
