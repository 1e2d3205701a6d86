// A file is replaced after its headers were written and before it is opened.
import { ReadStream, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { serve } from './support.js'

const OLD = 'the content before'
const rows: readonly (readonly [name: string, content: string])[] = [['a longer', 'x'.repeat(100_000)], ['a shorter', 'short'], ['an empty', '']]

for (const [name, content] of rows) {
  test(`${name} file is sent whole, with its own length and without what describes the one before`, async t => {
    const { at } = folder(t, { 'www/a.txt': OLD, next: content })
    const site = await serve(t, { root: { path: at('www'), setHeaders () { renameSync(at('next'), at('www/a.txt')) } } })
    const { status, text, headers } = await site.get('/a.txt')
    t.match({ status, text }, { status: 200, text: content })
    t.match(headers, { 'content-length': String(content.length), etag: undefined, 'last-modified': undefined })
  })
}

test('a page is sent whole, with the client in it', async t => {
  const page = `<!doctype html><body>${'new '.repeat(1000)}</body>`
  const { at } = folder(t, { 'www/index.html': '<!doctype html>before', next: page })
  const { request } = await startApp(t, { root: { path: at('www'), setHeaders () { renameSync(at('next'), at('www/index.html')) } } })
  const { status, text } = await request('/', { headers: { 'Sec-Fetch-Dest': 'document' } })
  t.equal(status, 200)
  t.match(text, '/__live/client.js')
  t.ok(text.endsWith(page.slice('<!doctype html>'.length)), 'all of it')
})

for (const [name, content] of [['a small', '<p>the new one</p>'], ['a large', 'x'.repeat(1_000_000)]] as const) {
  test(`${name} page is sent with its own length and without what describes the one before`, async t => {
    const { at } = folder(t, { 'www/index.html': 'before', next: content })
    const site = await serve(t, { root: { path: at('www'), setHeaders () { renameSync(at('next'), at('www/index.html')) } } }, { stampsPages: () => true })
    const { status, text, headers } = await site.get('/')
    t.equal(status, 200)
    t.ok(text === content, 'all of it')
    t.match(headers, { 'content-length': String(content.length), etag: undefined, 'last-modified': undefined })
  })
}

test('a page that is cut while it is sent: its reply is cut too', async t => {
  const { at } = folder(t, { 'www/index.html': 'x'.repeat(1_000_000) })
  const site = await serve(t, { root: at('www') }, {
    stampsPages: () => true,
    after: app => app.addHook('onSend', (_request, _reply, payload, done) => {
      truncateSync(at('www/index.html'), 500_000)
      done(null, payload)
    })
  })
  const { text, headers } = await site.get('/')
  t.match({ length: text.length, promised: headers['content-length'] }, { length: 500_000, promised: '1000000' })
})

test('a part of a file that is gone is not answered with a part of the new one', async t => {
  const { at } = folder(t, { 'www/a.txt': OLD })
  const site = await serve(t, { root: { path: at('www'), setHeaders () { writeFileSync(at('www/a.txt'), 'short') } } })
  t.equal((await site.get('/a.txt', { Range: 'bytes=4-10' })).body.length, 0)
})

// Only Linux says what a descriptor has opened.
test('a link that is pointed out of the root before the file is opened sends nothing of the other file', onLinux, async t => {
  for (const [name, followSymlinks] of [['a.txt', false], ['a.html', false], ['a.txt', true], ['a.html', true]] as const) {
    const { at } = folder(t, { [`www/real-${name}`]: OLD, [`outside-${name}`]: 'the secret outside' })
    symlinkSync(`real-${name}`, at(`www/${name}`))
    symlinkSync(`../outside-${name}`, at('next'))
    let swaps = 0
    const site = await serve(t, { root: { path: at('www'), followSymlinks, setHeaders () { if (swaps++ === 0) renameSync(at('next'), at(`www/${name}`)) } } }, { stampsPages: () => true })
    const answer = await site.get(`/${name}`).catch(() => ({ text: '' }))
    t.equal(swaps, 1, 'the file had been judged')
    if (followSymlinks) t.equal(answer.text, 'the secret outside', 'unless links are followed')
    else t.notMatch(answer.text, 'secret')
  }
})

test('a root that is moved while its file is opened ends that reply, and not the app', onLinux, async t => {
  const { at, write } = folder(t, { 'www/a.txt': OLD })
  let moves = 0
  const site = await serve(t, { root: at('www') }, {
    after: app => app.addHook('onSend', (_request, _reply, payload: unknown, done) => {
      if (moves++ === 0 && payload instanceof ReadStream) payload.prependOnceListener('open', () => renameSync(at('www'), at('moved')))
      done(null, payload)
    })
  })
  t.equal((await site.get('/a.txt')).body.length, 0)
  write('www/b.txt', 'another')
  t.equal((await site.get('/b.txt')).text, 'another')
})
