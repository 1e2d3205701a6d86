import { test } from 'tap'
import { hasConditions, isUnchanged, restoreConditions, stampTag, takeConditions } from '../../lib/inject/validators.js'

const OLD = 'Fri, 20 Nov 2026 10:00:00 GMT'
const NEW = 'Sat, 21 Nov 2026 10:00:00 GMT'

test('conditions are taken out, and come back', async t => {
  for (const given of [
    { 'if-none-match': '"a"' },
    { 'if-modified-since': OLD },
    { 'if-none-match': '"a"', 'if-modified-since': OLD, accept: '*/*' }
  ]) {
    const headers = { ...given }
    t.ok(hasConditions(headers))
    const taken = takeConditions(headers)
    t.notOk('if-none-match' in headers || 'if-modified-since' in headers)
    t.notOk(hasConditions(headers))
    restoreConditions(headers, taken)
    t.strictSame(headers, given)
  }
})

test('a range under a condition is forgotten, another is not', async t => {
  const headers = { 'if-range': '"a"', range: 'bytes=5-', accept: '*/*' }
  t.ok(hasConditions(headers))
  restoreConditions(headers, takeConditions(headers))
  t.strictSame(headers, { accept: '*/*' })
  t.notOk(hasConditions({ range: 'bytes=5-' }))
})

test('is the copy still right?', async t => {
  for (const [headers, etag, lastModified, expected] of [
    [{}, '"a"', OLD, false],
    [{ 'if-none-match': '"a"' }, '"a"', undefined, true],
    [{ 'if-none-match': 'W/"a"' }, '"a"', undefined, true],
    [{ 'if-none-match': '"a"' }, 'W/"a"', undefined, true],
    [{ 'if-none-match': '"b", W/"a,b", "c"' }, '"a,b"', undefined, true],
    [{ 'if-none-match': '"ab"' }, '"a"', undefined, false],
    [{ 'if-none-match': '"a"' }, undefined, undefined, false],
    [{ 'if-none-match': ' * ' }, undefined, undefined, true],
    [{ 'if-none-match': '"b"', 'if-modified-since': NEW }, '"a"', OLD, false],
    [{ 'if-modified-since': OLD }, undefined, OLD, true],
    [{ 'if-modified-since': NEW }, '"a"', OLD, true],
    [{ 'if-modified-since': OLD }, undefined, NEW, false],
    [{ 'if-modified-since': OLD }, undefined, undefined, false],
    [{ 'if-modified-since': 'yesterday' }, undefined, OLD, false]
  ] as const) t.equal(isUnchanged(headers, etag, lastModified), expected, JSON.stringify([headers, etag, lastModified]))
})

test('the stamped ETag', async t => {
  for (const [etag, lastModified, expected] of [
    ['"a"', OLD, 'W/"a-e:1"'],
    ['W/"a"', undefined, 'W/"a-e:1"'],
    ['bare', undefined, 'W/"bare-e:1"'],
    [undefined, OLD, `W/"${Date.parse(OLD).toString(36)}-e:1"`],
    [undefined, 'yesterday', undefined],
    [undefined, undefined, undefined]
  ] as const) t.equal(stampTag(etag, lastModified, 'e:1'), expected, JSON.stringify([etag, lastModified]))
})
