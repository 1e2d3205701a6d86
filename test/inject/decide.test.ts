import { test } from 'tap'
import { asksForDocument, decide, isHtml, mayBeDocument } from '../../lib/inject/decide.js'
import type { Exchange } from '../../lib/inject/decide.js'

const PLAIN: Exchange = {
  status: 200,
  type: 'text/html; charset=utf-8',
  dest: undefined,
  accept: undefined,
  origin: undefined,
  host: 'localhost:3000',
  fetched: false,
  encoding: undefined,
  disposition: undefined,
  range: undefined,
  cacheControl: undefined,
  payload: 'text'
}

const outcome = (given: Partial<Exchange>): string | boolean => {
  const decision = decide({ ...PLAIN, ...given })
  return decision.inject || decision.reason
}

test('what is injected', async t => {
  const cases: Partial<Exchange>[] = [
    {},
    ...['text/html', 'TEXT/HTML;charset=UTF8', ' text/html ; charset="iso-8859-1"', 'text/html; charset=latin1', 'text/html;charset=windows-1252', 'text/html; charset=Shift_JIS', 'text/html; profile=x', 'text/html; charset=']
      .map(type => ({ type })),
    ...[200, 201, 202, 203, 400, 401, 404, 410, 422, 500, 503].map(status => ({ status })),
    ...['document', 'iframe', 'frame', 'embed', 'object'].map(dest => ({ dest })),
    ...['identity', '', ' Identity '].map(encoding => ({ encoding })),
    { disposition: 'inline; filename=attachment.html' },
    { cacheControl: 'no-store' },
    { origin: 'http://LOCALHOST:3000' },
    { origin: 'null', dest: 'document' },
    { payload: 'bytes' },
    { payload: 'stream' },
    ...['gzip', 'X-GZIP', 'br', ' deflate '].map(encoding => ({ encoding, payload: 'bytes' as const })),
    ...['utf-16', 'UTF-16LE', 'utf-16be', 'ucs-2'].map(charset => ({ type: `text/html; charset=${charset}`, payload: 'bytes' as const })),
    ...['application/xhtml+xml', 'image/svg+xml; charset=utf-8'].flatMap(type => [{ type, dest: 'document' }, { type, accept: 'text/html,*/*' }])
  ]
  for (const given of cases) t.equal(outcome(given), true, JSON.stringify(given))
})

test('what is left alone, and why', async t => {
  const table: [Partial<Exchange>, string][] = [
    ...[undefined, 'application/json', 'text/plain', 'text/htmlx', 'application/xhtml+xml', 'image/svg+xml', ['text/html'], 7].map(type => [{ type }, 'its content type is not text/html'] as [Partial<Exchange>, string]),
    ...['utf-16', 'UTF-16BE', 'utf-32', 'utf-7', 'iso-2022-jp', 'ucs-2', 'cp037', 'wtf-8'].map(charset => [{ type: `text/html; charset=${charset}` }, 'its charset is none the tag can be written in'] as [Partial<Exchange>, string]),
    ...[100, 204, 205, 206, 301, 302, 304].map(status => [{ status }, `its status is ${status}`] as [Partial<Exchange>, string]),
    [{ dest: 'empty' }, 'it was asked for as data (fetch or XMLHttpRequest)'],
    [{ dest: 'script' }, 'it was asked for as script'],
    [{ fetched: true }, 'a script fetched it'],
    [{ fetched: true, dest: 'document' }, 'a script fetched it'],
    [{ origin: 'http://evil.test' }, 'a script of another origin fetched it'],
    [{ origin: 'http://evil.test', host: undefined }, 'a script of another origin fetched it'],
    [{ origin: 'null' }, 'a script of another origin fetched it'],
    [{ origin: 'http://evil-localhost:3000' }, 'a script of another origin fetched it'],
    [{ encoding: 'gzip', payload: 'text' }, 'it is encoded (gzip)'],
    [{ encoding: 'compress', payload: 'bytes' }, 'it is encoded (compress)'],
    [{ encoding: 'toString', payload: 'bytes' }, 'it is encoded (tostring)'],
    [{ encoding: 'identity, br' }, 'it is encoded (identity, br)'],
    [{ disposition: 'Attachment; filename=a.html' }, 'it is a download'],
    [{ range: 'bytes 0-1/2' }, 'it is a part (Content-Range)'],
    [{ cacheControl: 'public, No-Transform' }, 'it says Cache-Control: no-transform'],
    [{ payload: 'nothing' }, 'it is empty'],
    [{ payload: 'empty' }, 'it is empty'],
    [{ payload: 'nothing', dest: 'document' }, 'it is empty'],
    [{ payload: 'empty', dest: 'document', type: 'image/svg+xml' }, 'it is empty'],
    [{ payload: 'other' }, 'its stream is read by somebody else']
  ]
  for (const [given, reason] of table) t.equal(outcome(given), reason, JSON.stringify(given))
})

test('a navigation is what a browser calls a document', async t => {
  t.match(decide({ ...PLAIN, dest: 'document' }), { inject: true, navigation: true, xml: false })
  t.match(decide(PLAIN), { inject: true, navigation: false })
  t.match(decide({ ...PLAIN, type: 'image/svg+xml', dest: 'iframe' }), { inject: true, xml: true })
})

test('which requests may be for a page, and which say so', async t => {
  for (const [headers, may, says] of [
    [{}, true, false],
    [{ accept: '*/*' }, true, false],
    [{ accept: 'text/html,*/*;q=0.8' }, true, true],
    [{ accept: '*/*', 'sec-fetch-dest': 'document' }, true, true],
    [{ accept: 'text/html', 'sec-fetch-dest': 'empty' }, false, false],
    [{ 'sec-fetch-dest': 'iframe' }, true, true],
    [{ 'sec-fetch-dest': 'image' }, false, false]
  ] as const) {
    t.equal(mayBeDocument(headers), may, JSON.stringify(headers))
    t.equal(asksForDocument(headers), says, JSON.stringify(headers))
  }
})

test('isHtml', async t => {
  for (const type of ['text/html', 'Text/HTML; charset=x']) t.ok(isHtml(type), type)
  for (const type of ['text/html-x', 'x text/html', undefined]) t.notOk(isHtml(type), String(type))
})
