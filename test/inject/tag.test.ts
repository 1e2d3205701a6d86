import { test } from 'tap'
import { createTag } from '../../lib/inject/tag.js'

test('one external classic script, nothing else', async t => {
  const tag = createTag({ url: '/__live/client.js?v=abc', token: 'tok_en-1' })
  t.equal(tag('ep:7'), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:7" data-token="tok_en-1"></script>')
  t.equal(tag('ep:8'), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1"></script>')
  t.equal(tag('ep:8', true), '<script async src="/__live/client.js?v=abc" data-live-reload="ep:8" data-token="tok_en-1" data-method="POST"></script>')
})

test('whatever is put in stays in its attribute', async t => {
  const evil = '"></script><script>alert(1)//&<!--'
  const html = createTag({ url: `/x?${evil}`, token: evil })(`${evil}:1`)
  t.equal(html.match(/<script/g)?.length, 1)
  t.equal(html.match(/<\/script>/g)?.length, 1)
  t.equal(html.match(/"/g)?.length, 6)
  t.notMatch(html, '<!--')
})
