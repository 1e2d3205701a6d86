import { Readable } from 'node:stream'
import { test } from 'tap'
import { PAGE, PAGE_WITH_TAG, site } from './app.js'

const bytes = (html: string) => Readable.from([Buffer.from(html)])

test('a document gets the tag once, whatever carries it', async t => {
  const { get } = await site(t, app => {
    app.get('/string', (_, reply) => reply.type('text/html').send(PAGE))
    app.get('/buffer', (_, reply) => reply.type('text/html').send(Buffer.from(PAGE)))
    app.get('/stream', (_, reply) => reply.type('text/html').send(bytes(PAGE)))
    app.get('/length', (_, reply) => reply.type('text/html').header('content-length', PAGE.length).send(bytes(PAGE)))
  })
  for (const path of ['/string', '/buffer', '/stream', '/length']) {
    const { status, headers, text } = await get(path)
    t.equal(status, 200, path)
    t.equal(text, PAGE_WITH_TAG, path)
    if (path !== '/stream') t.equal(Number(headers['content-length']), PAGE_WITH_TAG.length, path)
    t.equal(headers['cache-control'], 'no-cache')
  }
})
