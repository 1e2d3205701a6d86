// What the two apps are asked.
import type { InjectOptions } from 'fastify'

const json = (payload: unknown): InjectOptions => ({ method: 'POST', headers: { 'content-type': 'application/json' }, payload: JSON.stringify(payload) })
const typed = (type: string, payload: string): InjectOptions => ({ method: 'POST', headers: { 'content-type': type }, payload })
const document = { headers: { 'sec-fetch-dest': 'document', accept: 'text/html' } }

export const CASES: readonly (readonly [url: string, options?: InjectOptions])[] = [
  ['/', document], ['', document], ['/', { method: 'HEAD' }],
  ['/json?a=1&a=2'], ['/json', { method: 'HEAD' }], ['/json', { method: 'POST' }], ['/json/'], ['/JSON'],
  ['/me'], ['/options'],
  ['/p/one%20two'], ['/p/%zz'], [`/p/${'x'.repeat(200)}`], ['/r/12-x'], ['/r/x-x'], ['/w/a/b/c'], ['/w/'],
  ['/host', { headers: { host: 'one.test' } }], ['/host', { headers: { host: 'two.test' } }],
  ['/version', { headers: { 'accept-version': '1.x' } }], ['/version', { headers: { 'accept-version': '2.x' } }], ['/version'],
  ['/no-head', { method: 'HEAD' }], ['/several', { method: 'PUT' }], ['/several', { method: 'PATCH' }], ['/several'], ['/all', { method: 'DELETE' }],
  ['/hooked'],
  ['/echo', json({ a: [1, { b: null }] })], ['/echo', typed('application/json', '{"a":')], ['/echo', typed('application/json', '')], ['/echo', typed('application/json', '{"__proto__":{}}')],
  ['/echo', typed('text/plain', 'text')], ['/echo', typed('application/x-app', 'x')], ['/echo', typed('application/x-site', 'y')], ['/echo', typed('application/x+lines', 'a\nb')],
  ['/echo', typed('text/x-none', 'z')], ['/echo', { method: 'POST' }], ['/small', json({ much: 'too much' })], ['/gone', { method: 'DELETE' }], ['/early'], ['/denied'],
  ['/valid', json({ age: '5', word: 'ok', extra: 1 })], ['/valid', json({ age: 'x', word: 'ok' })], ['/valid', json({ age: 1, word: 'too long' })], ['/valid', json({})],
  ['/shared', json({ name: 'n' })], ['/shared', json({ name: 5, size: 'x' })], ['/query?n=3'], ['/query?n=0'], ['/query'], ['/params/7'], ['/params/x'],
  ['/headers', { headers: { 'x-need': 'yes' } }], ['/headers'], ['/response'], ['/attach?n=x'],
  ['/throw'], ['/coded'], ['/sent'], ['/own-error'], ['/not-found'], ['/undefined'], ['/broken-stream'], ['/inner-error'], ['/again'], ['/nowhere'], ['/nowhere', document], ['/throw', document],
  ['/deep'], ['/deep/'], ['/deep/nowhere'], ['/deep/not-found'], ['/deep/serialized'], ['/deep', { method: 'POST' }],
  ['/cookie', { headers: { cookie: 'a=1; b=2' } }], ['/signed'], ['/signed', { headers: { cookie: 's=wrong.signature' } }], ['/limited'], ['/limited'],
  ['/json', { headers: { origin: 'https://other.test' } }], ['/json', { method: 'OPTIONS', headers: { origin: 'https://other.test', 'access-control-request-method': 'POST' } }],
  ['/stream'], ['/html-stream', document], ['/buffer'], ['/response-object'], ['/redirect'], ['/raw'], ['/events'], ['/trailer'], ['/socket']
]
