// Cases: pages of all kinds, friendly or not.
import type { Test } from 'tap'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { fakeServer } from './fake-server.js'
import { openScene } from './island.js'
import { openTab, settle, tabOf } from './tab.js'

const STRICT = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

export function pages (t: Test) {
  const cases: Record<string, { body: string, headers?: Record<string, string> }> = {
    'a strict policy with Trusted Types': { body: '<!doctype html><html><head>TAG</head></html>', headers: { 'content-security-policy': STRICT } },
    'an import map after the tag': { body: '<!doctype html><html><head>TAG<script type="importmap">{"imports":{"x":"data:text/javascript,window.mapped=1"}}</script><script type="module">import "x"</script></head></html>' },
    'elements named as the document\'s properties': { body: '<!doctype html><html><body><img name="currentScript"><form name="querySelector"></form><a id="__liveReload"></a><a id="__liveReload"></a>TAG</body></html>' },
    'a sandbox without storage': { body: '<!doctype html><html><head>TAG</head></html>', headers: { 'content-security-policy': 'sandbox allow-scripts' } },
    'no doctype, no head, no body': { body: 'TAGtext' },
    'the tag twice': { body: '<!doctype html><html><head>TAG</head><body>TAG</body></html>' },
    'a hash in its address': { body: '<!doctype html><html><head>TAG</head><body><p id="x">x</p></body></html>' }
  }
  for (const [name, reply] of Object.entries(cases)) {
    t.test(`page: ${name}`, async t => {
      const server = await fakeServer(t)
      server.answer = () => reply
      const tab = await openTab(t, server, '/#x')
      server.change()
      await until(() => tab.ask('live?.seq').then(seq => seq === 2, () => false), 'the new page')
      await tab.connected()
      server.change()
      await until(() => tab.ask('live?.seq').then(seq => seq === 3, () => false), 'the newest page')
      await tab.connected()
      t.equal(server.loads.length, 3)
      t.equal(server.connects.length, 3)
      t.same(tab.errors, [])
      t.equal(await tab.page.evaluate('location.hash'), '#x')
      if (name.includes('import map')) t.equal(await tab.page.evaluate('window.mapped'), 1)
    })
  }

  for (const element of ['<form name="hidden"></form>', '<iframe name="hidden"></iframe>', '<img name="hidden">', '<object id="hidden"></object>']) {
    t.test(`page: ${element}`, async t => {
      const server = await fakeServer(t)
      server.answer = () => ({ body: `<!doctype html><html><head>TAG</head><body>${element}</body></html>` })
      const tab = await openTab(t, server)
      t.not(await tab.page.evaluate('document.hidden'), false, 'it hides the property')
      t.equal(await tab.ask('live.metrics.attempts'), 1)
      await settle(server, tab)
      await tab.connected()
      await server.kill()
      await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 0), 'it tries to connect')
      await server.start()
      await until(() => server.connects.length === 3, 'a page that is seen connects again')
      await settle(server, tab)
      t.same(tab.errors.filter(text => !text.includes('ERR_CONNECTION_REFUSED')), [])
    })
  }

  for (const [name, script] of [['', ''], [' and no stacks', '<script>Error.stackTraceLimit = 0</script>']]) {
    t.test(`page: a base elsewhere${name}`, async t => {
      const other = await fakeServer(t)
      const server = await fakeServer(t)
      server.answer = () => ({ body: `<!doctype html><html><head>${script}TAG<base href="${name ? '/x/' : other.url.replace('127.0.0.1', 'localhost')}"></head></html>` })
      const tab = await tabOf(t, server, await page(t))
      const parsed = tab.page.waitForEvent('domcontentloaded')
      await tab.page.route('**/client.js*', async route => {
        await parsed
        await route.continue()
      })
      await tab.page.goto(server.url)
      await tab.connected()
      await settle(server, tab)
      t.same([other.tries, other.scripts], [[], []], 'nobody else hears of it')
      t.same(tab.errors, [])
    })
  }

  t.test('page: a storage that is full or refused: the transport is chosen for this page alone', async t => {
    const server = await fakeServer(t)
    server.refuse = 'ws'
    const tab = await tabOf(t, server, await page(t))
    await tab.page.addInitScript('Storage.prototype.setItem = () => { throw new Error("full") }')
    await tab.page.goto(server.url)
    await tab.connected()
    t.equal(await tab.ask('live.connectionType'), 'sse')
    t.same(tab.errors.filter(text => !text.includes('WebSocket connection')), [])
  })

  t.test('page: a tag that is taken away before it runs', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: '<!doctype html><html><head>TAG<script>document.querySelector("[data-live-reload]").remove()</script></head></html>' })
    const tab = await openTab(t, server)
    await settle(server, tab)
    t.same(tab.errors, [])
  })

  t.test('page: a document without an address, in a page without a tag', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: "<!doctype html><iframe srcdoc='<!doctype html><head>TAG</head>'></iframe>" })
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    await until(() => tab.page.evaluate('frames[0].__liveReload?.state === "open"'), 'connected')
    t.same(tab.errors, [])
  })

  t.test('page: without a tag nothing happens', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: '<!doctype html><script src="/__live/client.js"></script>' })
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    t.equal(await tab.ask('typeof live'), 'undefined')
    t.same(tab.errors, [])
  })

  t.test('page: the script run again by a library', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.page.evaluate(`new Promise(resolve => {
      const old = document.querySelector("script[data-live-reload]")
      const again = document.createElement("script")
      for (const { name, value } of old.attributes) again.setAttribute(name, value)
      again.onload = resolve
      old.replaceWith(again)
    })`)
    t.same(await tab.page.evaluate('Object.keys(window).filter(name => name.includes("live"))'), [], 'the global is not listed')
    await settle(server, tab)
    t.equal(server.connects.length, 2)
  })

  t.test('page: a frame of the same origin leaves it to the page', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/' ? { body: '<!doctype html><html><head>TAG</head><body><iframe src="/frame"></iframe></body></html>' } : {}
    const tab = await openTab(t, server)
    t.equal(await tab.page.frames()[1]?.evaluate('window.__liveReload'), undefined)
    server.change()
    await tab.shows(2)
    t.equal(server.connects.length, 2, 'one for each document of the page')
  })

  t.test('page: a frame of another origin reloads itself', async t => {
    const inner = await fakeServer(t)
    const outer = await fakeServer(t)
    outer.answer = () => ({ body: `<!doctype html><html><head>TAG</head><body><iframe src="${inner.url.replace('127.0.0.1', 'localhost')}"></iframe></body></html>` })
    const tab = await openTab(t, outer)
    await until(() => inner.sockets.size === 1, 'the frame connects')
    inner.change()
    await until(() => inner.heard.length === 1, 'the frame reloads')
    t.equal(outer.loads.length, 1)
    t.same(tab.errors, [])
  })

  t.test('page: a reload that is a download leaves the page as it is, until the next change', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await tab.connected()
    server.answer = () => ({ status: 204 })
    server.change()
    await until(() => server.loads.length === 2, 'reload')
    server.change()
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 3), 'message')
    await tab.page.clock.runFor(1000)
    t.equal(server.loads.length, 2, 'a page that is on its way out is not asked for again')
    await tab.page.clock.fastForward(11_000)
    await until(() => server.loads.length === 3, 'asked for the next change')
    await tab.snapshot()
    server.answer = () => ({})
    server.change()
    await tab.page.clock.fastForward(11_000)
    await tab.shows(4)
    t.equal(server.loads.length, 4)
    t.same(server.heard.map(({ seq }) => seq), [4])
  })

  t.test('page: the answer to a form stays and says so; a click on the badge sends the form again', async t => {
    const server = await fakeServer(t)
    server.hello.badge = { position: 'top-left' }
    const form = '<!doctype html><html><head>TAG</head><body><form method="post" action="/form#x"><button>send</button></form><input name="a"><div style="height:4000px">long</div></body></html>'
    // No page but the form's has this address.
    server.answer = ({ method, url }) => method === 'POST' ? { body: form, status: 422 } : url === '/form' ? { body: form.replace('"/form#x"', '"/answer#x"') } : { status: 404, body: 'nothing' }
    const { tab, badge } = await openScene(t, server, { path: '/form' })
    await tab.page.click('button')
    await until(() => tab.page.evaluate('document.querySelector("script[data-method=POST]") !== null').catch(() => false), 'the answer to the form')
    await tab.connected()
    await tab.page.fill('input', 'typed')
    await tab.page.evaluate('scrollTo(0, 1500)')
    server.change()
    await badge.shows('note', 'Not reloaded: a click sends the form again')
    await tab.snapshot()
    for (const broken of [undefined, 503]) {
      if (broken) server.broken.more = broken
      server.epoch += 'x'
      const tries = server.tries.length
      for (const socket of server.sockets) socket.terminate()
      await until(() => server.tries.length > tries, 'the page connects anew')
      await tab.connected()
      await badge.shows('note', 'Not reloaded: a click sends the form again')
    }
    t.same(server.loads, ['GET /form', 'POST /answer'], 'neither a change nor a restart reloads it')
    server.broken = {}
    // The page counts a later change as shown, which is no answer to the click.
    await tab.ask('live.on("reload", () => false) && undefined')
    server.change()
    await until(() => tab.ask('live.seq').then(seq => seq === 3), 'the change is counted')
    await badge.click('button')
    await tab.shows(3)
    t.same(server.loads, ['GET /form', 'POST /answer', 'POST /answer'], 'as F5 does')
    await tab.page.waitForFunction('scrollY === 1500 && document.querySelector("input").value === "typed"')
  })
}
