import { Readable } from 'node:stream'
import { test } from 'tap'
import type { Document } from '../../lib/inject/document.js'
import { encodingOf, refusalOf } from '../../lib/inject/refusal.js'

interface Given {
  readonly status?: number
  readonly request?: Record<string, string | undefined>
  readonly reply?: Record<string, unknown>
  readonly body?: unknown
}

const documentOf = ({ status = 200, request = {}, reply = {}, body = '<html>' }: Given): Document => ({
  method: 'GET',
  requestHeaders: { host: 'localhost:3000', ...request } as Document['requestHeaders'],
  secure: false,
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', ...reply },
  body,
  stamp: 'e:0'
})
const type = (value: unknown): Given => ({ reply: { 'content-type': value } })
const BYTES = Buffer.from('<html>')

test('what is injected', async t => {
  const cases: Given[] = [
    {},
    ...['text/html', 'TEXT/HTML;charset=UTF8', ' text/html ; charset="iso-8859-1"', 'text/html; charset=latin1', 'text/html;charset=windows-1252', 'text/html; charset=Shift_JIS', 'text/html; profile=x', 'text/html; charset='].map(type),
    ...[200, 201, 202, 203, 400, 401, 404, 410, 422, 500, 503].map(status => ({ status })),
    ...['document', 'iframe', 'frame', 'embed', 'object'].map(dest => ({ request: { 'sec-fetch-dest': dest } })),
    // A service worker has passed it on.
    { request: { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate' } },
    ...['identity', '', ' Identity '].map(encoding => ({ reply: { 'content-encoding': encoding } })),
    { reply: { 'content-disposition': 'inline; filename=attachment.html' } },
    { reply: { 'cache-control': 'no-store' } },
    { reply: { 'integrity-policy': 'blocked-destinations=(style)' } },
    { reply: { 'integrity-policy-report-only': 'blocked-destinations=(script)' } },
    { request: { origin: 'http://LOCALHOST:3000' } },
    { request: { origin: 'http://a.test', host: undefined, ':authority': 'a.test' } },
    { request: { origin: 'null', 'sec-fetch-dest': 'document' } },
    { body: BYTES },
    { body: Readable.from([]) },
    { body: '', request: { 'sec-fetch-dest': 'document' } },
    { body: Buffer.alloc(0), request: { 'sec-fetch-dest': 'document' } },
    ...['gzip', 'X-GZIP', 'br', ' deflate '].map(encoding => ({ reply: { 'content-encoding': encoding }, body: BYTES }))
  ]
  for (const given of cases) t.equal(refusalOf(documentOf(given)), undefined, JSON.stringify(given))
})

test('what is left alone, and why', async t => {
  const table: [Given, string][] = [
    ...[undefined, 'application/json', 'text/plain', 'text/htmlx', 'x text/html', 'application/xhtml+xml', 'image/svg+xml', ['text/html'], 7].map(value => [type(value), 'its content type is not text/html'] as [Given, string]),
    ...['utf-16', 'UTF-16BE', 'utf-32', 'utf-7', 'iso-2022-jp', 'ucs-2', 'cp037', 'wtf-8'].map(charset => [type(`text/html; charset=${charset}`), 'the tag cannot be written in its charset'] as [Given, string]),
    [{ reply: { 'integrity-policy': 'blocked-destinations=(style script), endpoints=(a)' } }, 'its Integrity-Policy blocks scripts that have no integrity'],
    ...[100, 204, 205, 206, 301, 302, 304].map(status => [{ status }, `its status is ${status}`] as [Given, string]),
    [{ request: { 'sec-fetch-dest': 'empty' } }, 'the browser requested it as data (fetch or XMLHttpRequest)'],
    [{ request: { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'same-origin' } }, 'the browser requested it as data (fetch or XMLHttpRequest)'],
    [{ request: { 'sec-fetch-dest': 'script' } }, 'the browser requested it as script'],
    [{ request: { 'hx-request': 'true' } }, 'a script fetched it'],
    [{ request: { 'turbo-frame': 'x', 'sec-fetch-dest': 'document' } }, 'a script fetched it'],
    [{ request: { origin: 'http://evil.test' } }, 'a script of another origin fetched it'],
    [{ request: { origin: 'http://evil.test', host: undefined } }, 'a script of another origin fetched it'],
    [{ request: { origin: 'https://localhost:3000' } }, 'a script of another origin fetched it'],
    [{ request: { origin: 'null' } }, 'a script of another origin fetched it'],
    [{ request: { origin: 'http://evil-localhost:3000' } }, 'a script of another origin fetched it'],
    [{ reply: { 'content-encoding': 'gzip' } }, 'it is encoded (gzip)'],
    [{ reply: { 'content-encoding': 'compress' }, body: BYTES }, 'it is encoded (compress)'],
    [{ reply: { 'content-encoding': 'toString' }, body: BYTES }, 'it is encoded (tostring)'],
    [{ reply: { 'content-encoding': 'identity, br' }, body: BYTES }, 'it is encoded (identity, br)'],
    [{ reply: { 'content-disposition': 'Attachment; filename=a.html' } }, 'it is a download'],
    [{ reply: { 'content-range': 'bytes 0-1/2' } }, 'it is part of a file (Content-Range)'],
    [{ reply: { 'cache-control': 'public, No-Transform' } }, 'it says Cache-Control: no-transform'],
    [{ body: null }, 'it is empty'],
    [{ body: '' }, 'it is empty'],
    [{ body: undefined, request: { 'sec-fetch-dest': 'document' } }, 'it is empty'],
    [{ body: {} }, 'something else reads its stream']
  ]
  for (const [given, reason] of table) t.equal(refusalOf(documentOf('body' in given && given.body === undefined ? { ...given, body: null } : given)), reason, JSON.stringify(given))
})

test('the encoding of a body', async t => {
  for (const [given, encoding] of [[undefined, undefined], ['identity', undefined], [' GZIP ', 'gzip']] as const) t.equal(encodingOf(documentOf({ reply: { 'content-encoding': given } })), encoding, String(given))
})
