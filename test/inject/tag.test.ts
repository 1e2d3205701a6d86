import { test } from 'tap'
import { createTag } from '../../lib/inject/tag.js'

const connect = { transport: 'auto', fallbackTimeout: 3000, console: [] } as const

test('one external classic script, nothing else', async t => {
  const tag = createTag({ url: '/__live/client.js?v=abc', token: 'tok_en-1', connect })
  t.equal(tag('ep:7'), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:7" data-token="tok_en-1"></script>')
  t.equal(tag('ep:8'), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1"></script>')
  t.equal(tag('ep:8', { nonce: 'a"b' }), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1" nonce="a&quot;b"></script>')
  t.equal(tag('ep:8', { xml: true }), '<script xmlns="http://www.w3.org/1999/xhtml" async="" src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1"></script>')
  t.equal(tag('ep:8', { posted: true }), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1" data-method="POST"></script>')
  t.equal(tag('ep:8', { status: 404, remark: ' "r"' }), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1" data-status="404" data-remark=" &quot;r&quot;"></script>')
  t.equal(tag('ep:8', { status: 500, posted: true }), tag('ep:8', { status: 200, posted: true }), 'the answer to a form stays, whatever its status')
})

test('whatever is put in stays in its attribute', async t => {
  const evil = '"></script><script>alert(1)//&<!--'
  const html = createTag({ url: `/x?${evil}`, token: evil, connect })(`${evil}:1`)
  t.equal(html.match(/<script/g)?.length, 1)
  t.equal(html.match(/<\/script>/g)?.length, 1)
  t.equal(html.match(/"/g)?.length, 6)
  t.notMatch(html, '<!--')
})

test('what the page must know before it is greeted', async t => {
  const tag = createTag({ url: '/c.js', token: 't', connect: { transport: 'sse', fallbackTimeout: 500, console: [] } })
  t.equal(tag('ep:7'), '<script async src="/c.js" data-live-reload="ep:7" data-token="t" data-transport="sse" data-timeout="500"></script>')
  const forwarding = createTag({ url: '/c.js', token: 't', connect: { transport: 'auto', fallbackTimeout: 3000, console: ['error', 'info'] } })
  t.equal(forwarding('ep:7'), '<script src="/c.js" data-live-reload="ep:7" data-token="t" data-console="error info"></script>', 'before the scripts it listens to')
  t.equal(forwarding('ep:7', { xml: true }), '<script xmlns="http://www.w3.org/1999/xhtml" src="/c.js" data-live-reload="ep:7" data-token="t" data-console="error info"></script>')
})
