// Cases: who may be changed in place, with what, and under which policies.
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { html, morphing } from './morphing.js'
import { asks, hasAsked, sample, site, stays } from './site.js'
import { openTab } from './tab.js'

const colour = 'getComputedStyle(document.querySelector("h1")).color'
const [RED, BLUE] = ['rgb(200, 0, 0)', 'rgb(0, 0, 200)']
const red = `h1 { color: ${RED} }`
const blue = `h1 { color: ${BLUE} }`
const BY_APP = { '/index.html': { 'server-timing': 'db;dur=5' } }

export function mixed (t: Test) {
  t.test('in place: another style sheet, without a moment between', async t => {
    const { server, save, tab } = await morphing(t, html('<link rel=stylesheet href=/a.css>', '<h1>x</h1>'), { '/a.css': red, '/b.css': blue })
    const seen = await sample(tab, colour)
    save({ '/index.html': html('<link rel=stylesheet href=/b.css>', '<h1>x</h1>') }, 'html')
    t.equal(await stays(server, tab), true)
    await tab.page.waitForFunction(`${colour} === '${BLUE}'`)
    t.same(await seen(), [RED, BLUE])
    await until(() => tab.page.evaluate('document.styleSheets.length === 1'), 'the old one has gone')
  })

  t.test('in place: a page and its sheet in one go, and what only the new page names', async t => {
    const { server, files, tell, tab } = await morphing(t, html('<link rel=stylesheet href=/a.css>', '<h1>x</h1>'), { '/a.css': red })
    Object.assign(files, { '/index.html': html('<link rel=stylesheet href=/a.css><link rel=stylesheet href=/c.css>', '<h1>y</h1>'), '/a.css': blue, '/c.css': 'h1 { margin: 7px }' })
    tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }, { kind: 'css', path: '/a.css' }, { kind: 'css', path: '/c.css' }] })
    t.equal(await stays(server, tab), true)
    await until(() => tab.page.evaluate(`[${colour}, document.querySelector("h1").textContent, getComputedStyle(document.querySelector("h1")).margin].join()`).then(look => look === `${BLUE},y,7px`), 'all of it')
    // What was asked for after the change is no reason to look twice: the page would, by a timer that ends before this one.
    await tab.page.evaluate('new Promise(resolve => setTimeout(resolve, 1100))')
    t.match(await tab.ask('live.metrics'), { updates: 1, reloads: 0 })
  })

  t.test('in place: a sheet that goes, and one that does not load', async t => {
    const { server, save, tab } = await morphing(t, html('<link rel=stylesheet href=/a.css>', '<h1>x</h1>'), { '/a.css': red })
    save({ '/index.html': html('', '<h1>x</h1><div><link rel=stylesheet href=/none.css></div>') }, 'html')
    t.equal(await stays(server, tab), true)
    await until(() => tab.page.evaluate('document.styleSheets.length').then(length => Number(length) <= 1), 'the old one has gone')
    save({ '/index.html': html('', '<h1>y</h1>') }, 'html')
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate('document.body.innerHTML'), '<h1>y</h1>')
  })

  t.test('in place: again and again', async t => {
    const { server, save, tab } = await morphing(t, html('', '<p>0</p><input id=i>'))
    await tab.page.fill('#i', 'typed')
    for (let i = 1; i <= 5; i++) {
      save({ '/index.html': html('', `${'<b>new</b>'.repeat(i)}<p>${i}</p><input id=i>`) }, 'html')
      t.equal(await stays(server, tab), true)
      t.same(await tab.page.evaluate('[document.querySelector("p").textContent, document.querySelectorAll("b").length, i.value]'), [`${i}`, i, 'typed'])
    }
  })

  t.test('in place: two saves, and the first one shows both; a sheet beside the second', async t => {
    const { server, save, tell, files, tab } = await morphing(t, html('<link rel=stylesheet href=/a.css>', '<h1>0</h1>'), { '/a.css': red })
    save({ '/index.html': html('<link rel=stylesheet href=/a.css>', '<h1>2</h1>') }, 'html')
    t.equal(await stays(server, tab), true)
    tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }] })
    t.equal(await stays(server, tab), true)
    t.match(await tab.ask('live.metrics'), { updates: 1, reloads: 0 })
    files['/a.css'] = blue
    tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }, { kind: 'css', path: '/a.css' }] })
    t.equal(await stays(server, tab), true)
    t.same(await tab.page.evaluate(`[document.querySelector("h1").textContent, ${colour}]`), ['2', BLUE])
    t.match(await tab.ask('live.metrics'), { updates: 2, reloads: 0 })
  })

  t.test('in place: another page changes, this one stays as it is', async t => {
    const { server, save, tab } = await morphing(t, html('', '<p>0</p>'))
    save({ '/other.html': 'x' }, 'html')
    t.equal(await stays(server, tab), true)
    t.match(await tab.ask('live.metrics'), { updates: 0, reloads: 0 })
    t.equal(server.probes.length, 1, 'it was not even asked for')
  })

  t.test('in place: a page the app makes, by its template', async t => {
    const { server, files, tell, tab } = await morphing(t, html('', '<p>0</p>'), {}, BY_APP)
    files['/index.html'] = html('', '<p>1</p>')
    tell({ type: 'update', updates: [{ kind: 'html', path: 'views/page.ejs' }] })
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate('document.body.innerHTML'), '<p>1</p>')
  })

  t.test('in place: nonces and Trusted Types', async t => {
    const policy = (nonce: string) => ({ 'content-security-policy': `default-src 'self'; img-src data:; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'; require-trusted-types-for 'script'; trusted-types 'none'` })
    const page = (nonce: string, body: string) => html(`<script nonce="${nonce}">window.ran = (window.ran || 0) + 1</script><link rel=stylesheet nonce="${nonce}" href=/a.css>`, body)
    const made = await site(t, { '/index.html': page('one', '<p>0</p><section><b id="b">b</b></section>'), '/a.css': '', '/b.css': `p { color: ${BLUE} }` }, { '/index.html': policy('one') })
    const { server, files } = made
    server.hello = { morph: true }
    server.nonce = ' nonce="one"'
    const { answer } = server
    // Each answer has a nonce of its own.
    server.answer = request => {
      const reply = answer(request)
      server.nonce = request.headers['sec-fetch-mode'] === 'navigate' ? ' nonce="one"' : ' nonce="two"'
      return request.headers['sec-fetch-mode'] === 'navigate' ? reply : { ...reply, body: String(reply.body).replaceAll('"one"', '"two"') }
    }
    const tab = await made.open()
    await until(() => server.probes.includes('GET /'), 'what it is made from')
    files['/index.html'] = page('one', '<link nonce="one" rel=stylesheet href=/b.css><p title="x">1</p><section><div><b id="b">b</b></div></section>')
    made.tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }] })
    t.equal(await stays(server, tab), true)
    t.same(await tab.page.evaluate('[window.ran, getComputedStyle(document.querySelector("p")).color, document.querySelector("p").title, document.querySelector("div > b").id]'), [1, BLUE, 'x', 'b'])
    t.same(tab.errors, [])
  })

  t.test('reloads: nonces for styles', async t => {
    const { server, open, save } = await site(t, { '/index.html': html('<style nonce="one">p { margin: 1px }</style>', '<p>0</p>') }, { '/index.html': { 'content-security-policy': "default-src 'self'; img-src data:; style-src 'nonce-one'" } })
    server.hello = { morph: true }
    const tab = await open()
    await asks(tab)
    save({ '/index.html': html('<style nonce="one">p { margin: 1px }</style>', '<p>1</p>') }, 'html')
    await hasAsked(tab)
    t.same(tab.errors, [])
    t.same(server.probes, [], 'not even asked for')
  })

  t.test('reloads: what it is made from was asked for after the next change', async t => {
    const { server, open, save } = await site(t, { '/index.html': html('', '<p>0</p><b>0</b>') })
    server.hello = { morph: true }
    // The page has the first stamp, the copy of it the second.
    server.stamp = () => `${server.epoch}:${1 + server.probes.length}`
    const { answer } = server
    server.answer = request => {
      const reply = answer(request)
      return server.probes.length === 1 ? { ...reply, body: html('', '<p>1</p><b>0</b>') } : reply
    }
    const tab = await open()
    await asks(tab)
    await until(() => server.probes.length > 0, 'what the page is made from')
    save({ '/index.html': html('', '<p>1</p><b>1</b>') }, 'html')
    await hasAsked(tab)
    t.equal(await tab.page.evaluate('document.body.innerHTML'), '<p>0</p><b>0</b>')
  })

  const each: Record<string, (answer: number) => string> = {
    'a text': answer => `<p>${answer}</p>`,
    'an attribute': answer => `<input type=hidden value="${answer}">`,
    'an element': answer => answer === 1 ? '' : `<i>${answer}</i>`
  }
  for (const [name, bodyOf] of Object.entries(each)) {
    t.test(`reloads: ${name} that differs with each answer, and says so`, async t => {
      const { server, save, open } = await site(t, { '/index.html': html('') })
      server.hello = { morph: true }
      const { answer } = server
      server.answer = request => ({ ...answer(request), body: html('', bodyOf(server.loads.length + server.probes.length)) })
      const tab = await open()
      await asks(tab)
      await until(() => server.probes.length > 0, 'what the page is made from')
      save({ '/index.html': '' }, 'html')
      await hasAsked(tab)
      await until(() => tab.log.some(text => text.includes('or it differs with each answer')), 'the reason in the console')
    })
  }

  t.test('in place: elements with the names of what the document has', async t => {
    const names = '<form name="querySelectorAll"></form><img name="documentElement"><img name="body"><img name="importNode"><img name="createElement">'
    const { server, save, tab } = await morphing(t, html('', `${names}<p>0</p>`))
    save({ '/index.html': html('', `${names}<p>1</p><i>new</i>`) }, 'html')
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate('Document.prototype.querySelector.call(document, "p").textContent'), '1')
    t.same(tab.errors, [])
  })

  const fallbacks: Record<string, { headers?: typeof BY_APP, path?: string, act?: string, body?: string }> = {
    'a script has fetched the document, too': { act: 'fetch("/index.html").then(response => response.text())' },
    'a frame shows the document': { body: '<iframe src="/index.html?frame"></iframe>' },
    'a page with data that the app makes': { headers: BY_APP, path: 'page.ejs', act: 'fetch("/data").then(response => response.text())' },
    'a library has gone on to another page': { act: 'history.pushState(null, "", "/?two")' },
    'a list of resources that was cleared': { act: 'performance.clearResourceTimings()' }
  }
  for (const [name, { headers = {}, path = '/index.html', act, body = '' }] of Object.entries(fallbacks)) {
    t.test(`reloads: ${name}`, async t => {
      const { files, tell, tab } = await morphing(t, html('', `<p>0</p>${body}`), { '/data': '{}' }, { '/data': { 'server-timing': '' }, ...headers })
      await asks(tab)
      await tab.page.evaluate(act ?? '0')
      files['/index.html'] = html('', `<p>1</p>${body}`)
      tell({ type: 'update', updates: [{ kind: 'html', path }] })
      await hasAsked(tab)
      t.equal(await tab.page.evaluate('document.querySelector("p").textContent'), '0')
    })
  }

  for (const [name, broken] of Object.entries({ 'the module for it does not load': { morph: 500 }, 'no module loads': { more: 500 } })) {
    t.test(`reloads: ${name}, and is not asked for again`, async t => {
      const { server, open, save } = await site(t, { '/index.html': html('', '<p>0</p>') })
      Object.assign(server, { hello: { morph: true }, broken })
      const tab = await open()
      await until(() => server.scripts.some(script => script.includes(Object.keys(broken)[0] as string)), 'the module')
      await asks(tab)
      for (const text of ['1', '2']) {
        await tab.page.evaluate('window.asked = false')
        save({ '/index.html': html('', `<p>${text}</p>`) }, 'html')
        await hasAsked(tab)
        server.broken = {}
      }
      t.equal(await tab.page.evaluate('document.querySelector("p").textContent'), '0')
    })
  }

  t.test('reloads: the answer to a form, and a page whose server does not say it may be changed', async t => {
    const { server, tell, open } = await site(t, { '/index.html': html('', '<form method=post><button>send</button></form>') })
    const tab = await open()
    await asks(tab)
    tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }] })
    await hasAsked(tab)
    t.equal(server.probes.length, 0)
    server.hello = { morph: true }
    const other = await openTab(t, server)
    await other.page.click('button')
    await other.page.waitForFunction('document.querySelector("script[data-method=POST]") && window.__liveReload?.state === "open"')
    await other.ask('live.on("update", () => { window.asked = true; return false })')
    tell({ type: 'update', updates: [{ kind: 'html', path: '/index.html' }] })
    await hasAsked(other)
    t.equal(server.probes.length, 1, 'that of the form')
  })
}
