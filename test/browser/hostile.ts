// Cases: the overlay under strict policies, on pages and with messages that mean harm.
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { ERROR, failed, ok } from './failing.js'
import { openScene } from './island.js'
import { PAGE, stage } from './overlay.js'

const POLICIES: Record<string, string> = {
  "script-src 'self'": "default-src 'none'; script-src 'self'; connect-src 'self'",
  'a nonce alone': "default-src 'none'; script-src 'nonce-r4nd0m'; connect-src 'self'",
  "'strict-dynamic' with a nonce": "default-src 'none'; script-src 'strict-dynamic' 'nonce-r4nd0m'; connect-src 'self'",
  'Trusted Types': "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'",
  'Trusted Types, no policy allowed, a nonce': "default-src 'none'; script-src 'nonce-r4nd0m'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
}

const EVIL = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
const TERMINAL = '\u001b[31mred\u001b[0m \u001b]8;;javascript:window.hit=1\u0007link\u001b]8;;\u0007 \u001b]0;title\u001b\\ bell\u0007 \u0000nul \u202eback \u009b1mbold\rreturn'

export function hostile (t: Test) {
  for (const [name, policy] of Object.entries(POLICIES)) {
    t.test(`policy: ${name}`, async t => {
      const server = await stage(t)
      server.nonce = ' nonce="r4nd0m"'
      server.answer = () => ({ body: PAGE, headers: { 'content-security-policy': policy } })
      const { tab, overlay, badge } = await openScene(t, server)
      await badge.shows('live')
      server.send(failed())
      await overlay.opened()
      t.equal(await overlay.ask('getComputedStyle(find(".panel")).borderTopLeftRadius'), '12px', 'it is dressed')
      await overlay.click('.place')
      await until(() => server.opened.length === 1, 'the editor')
      await overlay.click('.tool')
      await overlay.closed()
      server.send(ok())
      await badge.shows('live', 'Built in 240 ms')
      t.same(await tab.page.evaluate('window.violations'), [])
      t.same(tab.errors, [])
    })
  }

  t.test('messages and names that are markup, or speak to a terminal', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.send(failed([
      { severity: 'error', message: `${EVIL} ${TERMINAL}`, file: '<svg onload=window.hit=1>.ts', line: 1, column: 2, frame: `> 1 | ${EVIL}\n    | ^` },
      { severity: 'error', message: 'line '.repeat(200_000), file: 'javascript:window.hit=1' }
    ], EVIL))
    await overlay.opened()
    t.equal(await overlay.text('.message'), `${EVIL} red link  bell\u2407 \u2400nul \ufffdback bold\nreturn`)
    t.equal(await overlay.text('.place'), '<svg onload=window.hit=1>.ts:1:2')
    t.equal(await overlay.text('.origin'), EVIL)
    t.ok((await overlay.text('.hit')).includes(EVIL))
    const text = await overlay.text('li:last-child .message')
    t.ok(text.length < 21_000 && text.endsWith('… truncated: 1,000,000 characters in all'), `${text.length}`)
    await overlay.ask('find("li:last-child .place").click()')
    await until(() => server.opened.length === 1, 'asked as a file')
    t.match(server.opened[0]?.body, { file: 'javascript:window.hit=1' })
    t.equal(await overlay.ask('tree.querySelectorAll("a, img, script, [href], [src], [style]").length'), 0)
    t.equal(await tab.page.evaluate('window.hit'), undefined)
    t.equal(new URL(tab.page.url()).pathname, '/')
    t.same(tab.errors, [])
  })

  t.test('elements named as the properties of the document', async t => {
    const server = await stage(t)
    server.answer = () => ({ body: `<!doctype html><html><head>TAG</head><body>${['createElement', 'createElementNS', 'documentElement', 'querySelector', 'currentScript', 'adoptedStyleSheets', 'body', 'head', 'activeElement'].map(name => `<img name="${name}"><form id="${name}"></form>`).join('')}</body></html>` })
    const { tab, overlay, badge } = await openScene(t, server)
    await badge.shows('live')
    server.send(failed([{ ...ERROR }]))
    await overlay.opened()
    t.equal(await overlay.text('.message'), ERROR.message)
    t.same(tab.errors, [])
  })

  t.test('a page that broke what the badge is made of is live all the same', async t => {
    const server = await stage(t)
    const { tab } = await openScene(t, server, { script: ';Element.prototype.attachShadow = () => { throw new Error("broken") }' })
    server.send(failed())
    await until(() => tab.errors.some(text => text.includes('[live-reload] failed:') && text.includes(ERROR.message)), 'it is in the console')
    server.change()
    await tab.shows(2)
    t.equal(tab.errors.length, 1)
  })

  t.test('styles of the page do not reach it, and its own do not reach the page', async t => {
    const server = await stage(t)
    server.answer = () => ({ body: PAGE.replace('</head>', '<style>html > *, body * { display: none !important; color: lime !important; font: 40px fantasy !important; opacity: 0 !important; pointer-events: none !important } dialog, button, h1 { color: lime } html::before { content: ""; position: fixed; inset: 0; z-index: 2147483647; pointer-events: auto }</style></head>') })
    const { tab, overlay, badge } = await openScene(t, server)
    const before = await tab.page.evaluate('getComputedStyle(document.querySelector("h1")).font')
    server.send(failed())
    await overlay.opened()
    t.same(await overlay.ask('(({ display, opacity }) => [display, opacity])(getComputedStyle(tree.host))'), ['contents', '1'])
    t.same(await overlay.ask('(({ display, color, fontSize }) => [display, color, fontSize])(getComputedStyle(find("h1")))'), ['block', 'rgb(26, 29, 36)', '17px'])
    await overlay.click('.tool')
    await overlay.closed()
    await badge.click('button')
    await overlay.opened()
    t.equal(await tab.page.evaluate('getComputedStyle(document.querySelector("h1")).font'), before)
  })

  t.test('a page still on its way: import maps come first', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'docs', diagnostics: [ERROR] }
    server.answer = () => ({ body: ['<!doctype html><html><head>TAG</head>', '<body>', '<p>', '<p>', '<script type="importmap">{"imports":{"x":"data:text/javascript,window.mapped=1"}}</script><script type="module">import "x"</script></body></html>'] })
    const { tab, overlay } = await openScene(t, server)
    await overlay.opened()
    t.equal(await tab.page.evaluate('window.mapped'), 1)
    t.same(tab.errors, [])
  })
}
