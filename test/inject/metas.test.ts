// Policies that a document brings itself, opened as it passes.
import { test } from 'tap'
import { ASCII } from '../../lib/inject/body/charset.js'
import { createPolicy } from '../../lib/inject/csp/csp.js'
import { createInjector } from '../../lib/inject/body/injector.js'
import type { Rules } from '../../lib/inject/body/insert.js'

const WS = 'ws://localhost/__live/socket'

function run (html: string, position: Rules['position'], size: number): string {
  const policy = createPolicy({ base: '/__live/', host: 'localhost', secure: false, random: () => 'NEW', changed: () => {}, tooLate: () => {} })
  const inject = createInjector({ position, navigation: true, xml: false, charset: ASCII, policy, tag: nonce => `<script nonce=${nonce}>`, decided: () => {}, late: () => {} })
  const bytes = Buffer.from(html)
  const out: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) out.push(inject(bytes.subarray(at, at + size), false))
  return Buffer.concat([...out, inject(Buffer.alloc(0), true)]).toString()
}

const csp = (content: string) => `<meta http-equiv="Content-Security-Policy" content="${content}">`

test('what becomes of them, whole and byte by byte', async t => {
  const table: [string, string][] = [
    [csp("connect-src 'self'"), csp(`connect-src 'self' ${WS}`)],
    ["<META content='connect-src &#39;self&#x27; &apos;&amp;' http-equiv=content-security-policy >", `<META content="connect-src 'self' '&amp; ${WS}" http-equiv=content-security-policy >`],
    [csp("connect-src 'self'; report-uri /&quot;"), csp(`connect-src 'self' ${WS}; report-uri /&quot;`)],
    [csp("script-src 'self'"), csp("script-src 'self'")],
    ['<meta http-equiv="refresh" content="1"><meta name=a>', '<meta http-equiv="refresh" content="1"><meta name=a>'],
    [`<title>${csp("connect-src 'self'")}</title>`, `<title>${csp("connect-src 'self'")}</title>`],
    [`<template>${csp("connect-src 'self'")}</template>`, `<template>${csp("connect-src 'self'")}</template>`],
    [`</head><body>${csp("connect-src 'self'")}`, `</head><body>${csp("connect-src 'self'")}`],
    [`<p>${csp("connect-src 'self'")}`, `<p>${csp("connect-src 'self'")}`]
  ]
  for (const [given, expected] of table) {
    for (const size of [1, 7, 1000]) {
      t.equal(run(`<html><head>${given}<p>x</body>`, 'head', size), `<html><head><script nonce=undefined>${expected}<p>x</body>`, given)
      t.equal(run(`<html><head>${given}<p>x</body>`, 'body', size), `<html><head>${expected}<p>x<script nonce=undefined></body>`, `${given}, at the end`)
    }
  }
})

test('a nonce that is at hand is that of the tag', async t => {
  const strict = csp("script-src 'nonce-a' 'strict-dynamic'")
  t.equal(run(`<html><head>${strict}`, 'head', 1000), `<html><head><script nonce=a>${strict}`)
  t.equal(run(`<html><head>${strict}<p></body>`, 'body', 1), `<html><head>${strict}<p><script nonce=a></body>`)
})

test('a policy behind a large head is at hand, too, where all of the document is', async t => {
  const before = `<html><head>¦<title>x</title><!-- ${csp("script-src 'nonce-comment'")} --><style>${' '.repeat(70_000)}</style>`
  const strict = csp("script-src 'nonce-a' 'strict-dynamic'")
  const expected = before.replace('¦', '<script nonce=a>') + strict
  const html = before.replace('¦', '') + strict
  t.ok(run(html, 'head', html.length) === expected)
  t.ok(run(html, 'head', 1000).includes('<script nonce=undefined>'), 'what comes later can not be foreseen')
  const none = `<html><head><style>${' '.repeat(70_000)}</style><p>`
  t.ok(run(none, 'head', none.length) === none.replace('<head>', '$&<script nonce=undefined>'))
})
