// The page's console on its way to the server, in real Chromium: what is heard, how it is written, and how much of it.
import { test } from 'tap'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { missesIn } from './coverage.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { openTab, type Tab, tabOf } from './tab.js'

type Teardown = Parameters<typeof fakeServer>[0]

const ALL = ' data-console="error warn info debug"'
const html = (body: string) => `<!doctype html><html><head><meta charset="utf-8">TAG<link rel="icon" href="data:,"></head><body>${body}</body></html>`
const texts = (server: FakeServer) => server.logged.map(({ text }) => text)
const logged = (server: FakeServer, text: string) => until(() => server.logged.find(message => message.text.includes(text)), `logged ${text}`)

async function start (t: Teardown, { attributes = ALL, body = '', path = '/', headers = {} as Record<string, string> } = {}): Promise<{ server: FakeServer, tab: Tab }> {
  const server = await fakeServer(t)
  server.attributes = attributes
  server.answer = ({ url }) => url === path ? { body: html(body), headers } : { status: 404 }
  return { server, tab: await openTab(t, server, path) }
}

/** Arguments of `console.info`, and what becomes of them. */
const FORMATS: readonly (readonly [args: string, text: string])[] = [
  ['', ''],
  ['"a", 1, true, null, undefined, -0, 1n, Symbol("s")', 'a 1 true null undefined -0 1n Symbol(s)'],
  ['1, "a"', '1 a'],
  ['"%s is %d, %i, %f; %% %c %o %O %j", "x", "42.9", 7.9, "1.5", "color: red", [1], { a: 1 }, "j", "more"', 'x is 42, 7, 1.5; %  [1] {a: 1} j more'],
  ['"%d %i", {}, []', 'NaN NaN'],
  ['"%s %s %x", 1', '1 %s %x'],
  ['"100%"', '100%'],
  ['{ a: 1, "b-c": "x", d: undefined, e: { f: { g: { h: 1 } } } }', '{a: 1, "b-c": "x", d: undefined, e: {f: {g: [Object]}}}'],
  ['[[[[1]]], []]', '[[[[Array]]], []]'],
  ['Array.from({ length: 25 }, (_, i) => i)', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, … 5 more]'],
  ['new Map([["a", { b: 1 }]]), new Set([1, "x"]), new Uint8Array(3), new DataView(new ArrayBuffer(1))', 'Map(1) {"a" => {b: 1}} Set(2) {1, "x"} Uint8Array(3) [0, 0, 0] DataView {}'],
  ['new Date(0), new Date(NaN), /x/g, Promise.resolve(), Object.create(null), new (class Own { x = 1 })(), Object.create({ constructor: undefined })', '1970-01-01T00:00:00.000Z Invalid Date /x/g Promise {} [no prototype] {} Own {x: 1} [no prototype] {}'],
  ['() => 1, function own () {}, class Own {}', '[Function anonymous] [Function own] [Function Own]'],
  ['(o => { o.self = o; o.list = [o]; return o })({})', '{self: [Circular], list: [[Circular]]}'],
  ['{ password: "hunter2", apiKey: 1, deep: { session_token: {} }, keyboard: 1 }', '{password: ***, apiKey: ***, deep: {session_token: ***}, keyboard: 1}'],
  ['{ get a () { throw new Error("called") }, b: 1 }', '{a: [Getter], b: 1}'],
  ['new Proxy({}, { getPrototypeOf () { throw new Error("no") } })', '[Object that throws]'],
  ['document.querySelector("#own"), document, document.querySelector("#own").firstChild, document.createComment("c")', '<p#own.a.b> #document #text "text" #comment'],
  ['{ long: "x".repeat(300) }', `{long: "${'x'.repeat(200)}…"}`],
  ['"a\\u001b[31m\\u0007b\\nc\\td\\ud800e"', 'ab\nc\td\ufffde'],
  ['location.origin + "/path"', '/path'],
  ['Object.assign(new Error("no"), { stack: "f@/a.js:1:2" })', 'Error: no\nf@/a.js:1:2'],
  ['Object.assign(new Error(""), { stack: undefined })', 'Error'],
  ['Object.assign(new Error("no", { cause: "why" }), { stack: "Error: no\\n  at x" })', 'Error: no\n  at x\ncaused by "why"']
]

test('the console', { jobs: 4 }, async t => {
  t.test('arguments are written as consoles do', async t => {
    const { server, tab } = await start(t, { body: '<p id="own" class="a b">text</p>' })
    for (const [args] of FORMATS) await tab.page.evaluate(`console.info(${args})`)
    await until(() => server.logged.length === FORMATS.length, 'all of them')
    for (const [i, [args, text]] of FORMATS.entries()) t.equal(texts(server)[i], text, args)
    t.ok(server.logged.every(({ level, url, tab }) => level === 'info' && url === '/' && /^[a-z0-9]{1,4}$/.test(tab ?? '')))
  })

  t.test('what is large stays small', async t => {
    const { server, tab } = await start(t)
    await tab.page.evaluate(`(deep => {
      console.info("x".repeat(1e6))
      console.info("\\u{1F600}".repeat(1e4))
      console.info(Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => "\\u20ac".repeat(150)))))
      console.info(Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => 1))))
    })()`)
    await until(() => server.logged.length === 4, 'all of them')
    for (const message of server.logged) t.ok(Buffer.byteLength(JSON.stringify(message)) < 16_384)
    t.match(texts(server)[0], /^x{4000}…$/)
    t.match(texts(server)[3], /…/)
    t.equal(server.connects.length, 1, 'the connection lives')
  })

  t.test('levels, and our own lines', async t => {
    const { server, tab } = await start(t, { attributes: ' data-console="error info"' })
    await tab.page.evaluate('for (const name of ["error", "warn", "info", "log", "debug"]) console[name](name)')
    await tab.page.evaluate('console.info("[live-reload] own"); console.info("end")')
    await logged(server, 'end')
    t.same(server.logged.map(({ level, text }) => [level, text]), [['error', 'error'], ['info', 'info'], ['info', 'log'], ['info', 'end']])
    t.same(tab.log.filter(text => !text.startsWith('[live-reload]')), ['warn', 'info', 'log', 'debug', 'end'], 'the console shows them all the same')
    t.equal(await tab.page.evaluate('console.warn.toString().includes("native code")'), true, 'what is not asked for is not touched')
  })

  t.test('the frame that logs stands right behind ours', async t => {
    const { tab } = await start(t)
    const frames = new Promise<readonly { url: string, functionName: string }[]>(resolve => {
      tab.page.context().newCDPSession(tab.page).then(async session => {
        session.on('Runtime.consoleAPICalled', ({ args, stackTrace }) => { if (args[0]?.value === 'here') resolve(stackTrace?.callFrames ?? []) })
        await session.send('Runtime.enable')
        await tab.page.evaluate('(() => { function caller () { console.error("here") }; caller() })()')
      }, () => {})
    })
    const [ours, theirs] = await frames
    t.match(ours?.url, /console\.js/)
    t.equal(theirs?.functionName, 'caller')
  })

  t.test('errors, rejections, what could not be loaded, what a policy forbade', async t => {
    const { server, tab } = await start(t, { headers: { 'content-security-policy': "img-src 'self'; report-to x", 'content-security-policy-report-only': "style-src 'none'" }, body: '<script>function broken () { throw new Error("at once") }\nbroken()</script><img src="/missing.png"><link rel="stylesheet" href="/missing.css">' })
    const { level, text } = await logged(server, 'at once')
    t.equal(level, 'error')
    t.match(text, /^Uncaught Error: at once\n {4}at broken \(\/:\d+:\d+\)/)
    await logged(server, 'could not load <img> /missing.png')
    await logged(server, 'could not load <link> /missing.css')
    await tab.page.evaluate('void Promise.reject(new TypeError("later")); void Promise.reject("bare"); setTimeout(() => { throw "thrown" }); setTimeout(() => { throw null })')
    t.match((await logged(server, 'later')).text, /^Uncaught \(in promise\) TypeError: later\n {4}at /)
    await logged(server, 'Uncaught (in promise) bare')
    await logged(server, 'Uncaught thrown')
    t.match((await logged(server, 'null')).text, /^Uncaught null \(.*:\d+:\d+\)$/)
    await tab.page.evaluate('new Image().src = "https://elsewhere.test/a.png"; document.head.append(Object.assign(document.createElement("style"), { textContent: "p { color: red }" })); 0')
    t.match((await logged(server, 'elsewhere.test')).text, /^the policy forbids https:\/\/elsewhere\.test\/a\.png \(img-src\)/)
    const reported = await logged(server, 'would forbid inline')
    t.match([reported.level, reported.text], ['warn', /^the policy would forbid inline \(style-src-elem\)/])
  })

  t.test('failures of the own requests are not forwarded: that would never end', async t => {
    const server = await fakeServer(t)
    server.attributes = `${ALL} data-transport="sse"`
    server.answer = () => ({ body: html(''), headers: { 'content-security-policy': `connect-src ${server.url}/__live/events` } })
    const tab = await openTab(t, server)
    await tab.page.evaluate('window.violated = 0; addEventListener("securitypolicyviolation", () => { window.violated++ })')
    await tab.page.evaluate('console.info("one"), 0')
    await until(() => tab.page.evaluate('window.violated === 1'), 'a violation')
    await tab.page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    t.equal(await tab.page.evaluate('window.violated'), 1)
    t.same(server.logged, [])
  })

  t.test('who looks may be looked at: what logs while it is written is not heard, and a console that throws is left alone', async t => {
    const { server, tab } = await start(t)
    await tab.page.evaluate('console.info(new Proxy({}, { ownKeys () { console.info("inner"); return [] } })); console.info({ toString () { throw new Error("no") } }); console.info(Object.defineProperty(new Error("x"), "stack", { get () { throw new Error("no") } }))')
    await tab.page.evaluate('console.info("end")')
    await logged(server, 'end')
    t.same(texts(server), ['{}', '{toString: [Function toString]}', '[Object that throws]', 'end'])
  })

  t.test('before the page is connected it is kept, at the end it is sent anyway', async t => {
    const server = await fakeServer(t)
    server.attributes = ALL
    server.mute = true
    server.answer = () => ({ body: html('<script>console.warn("early")</script>') })
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    await tab.page.evaluate('console.warn("waits")')
    await tab.page.waitForFunction('window.__liveReload.state === "connecting"')
    t.same(server.logged, [])
    await tab.snapshot()
    await tab.page.goto(`${server.url}/next`)
    await logged(server, 'waits')
    await logged(server, 'early')
    t.same(texts(server).slice(0, 2).sort(), ['early', 'waits'], 'by two connections, in any order')
    server.mute = false
    await tab.ask('live.reconnect()')
    await until(() => texts(server).filter(text => text === 'early').length === 2, 'the next page sends when it is connected')
    t.equal(new Set(server.logged.map(({ tab }) => tab)).size, 1, 'one tab')
  })

  t.test('without storage it is a tab for each page', async t => {
    const server = await fakeServer(t)
    server.attributes = ALL
    server.answer = () => ({ body: html('') })
    const tab = await tabOf(t, server, await page(t))
    await tab.page.addInitScript('Object.defineProperty(window, "sessionStorage", { get () { throw new Error("refused") } })')
    await tab.page.goto(server.url)
    await tab.connected()
    await tab.page.evaluate('console.warn("x")')
    t.match((await logged(server, 'x')).tab, /^[a-z0-9]{1,4}$/)
  })

  t.test('a flood is cut, and that is said', async t => {
    const { server, tab } = await start(t)
    await tab.page.evaluate('for (let i = 0; i < 1000; i++) console.info(i)')
    const { level, text } = await logged(server, 'dropped')
    t.equal(level, 'warn')
    const dropped = Number(/^(\d+) lines dropped/.exec(text)?.[1])
    t.equal(server.logged.length - 1 + dropped, 1000)
    t.ok(dropped > 900)
    await tab.page.evaluate('console.info("again")')
    await logged(server, 'again')
  })

  for (const transport of ['ws', 'sse'] as const) {
    t.test(`by ${transport}, and from a tab that shares the connection of another`, async t => {
      const server = await fakeServer(t)
      server.attributes = `${ALL} data-transport="${transport}"`
      server.answer = () => ({ body: html('') })
      const first = await openTab(t, server)
      const second = await tabOf(t, server, await first.page.context().newPage())
      await second.page.goto(server.url)
      await second.connected()
      for (const tab of [first, second]) await tab.page.evaluate(`console.warn(${JSON.stringify(tab === first ? 'first' : 'second')})`)
      await logged(server, 'first')
      await logged(server, 'second')
      t.equal(new Set(server.logged.map(({ tab }) => tab)).size, 2)
    })
  }
})

test("a line of the server's log is shown at its level, and does not go back to the server", async t => {
  const { server, tab } = await start(t)
  const shown: string[] = []
  tab.page.on('console', message => { if (message.text().startsWith('[server]')) shown.push(`${message.type()} ${message.text()}`) })
  for (const level of ['warn', 'error'] as const) server.send({ type: 'custom', event: 'server-log', data: { level, text: `the disk is full: ${level}` } })
  await until(() => shown.length === 2, 'both are shown')
  t.same(shown, ['warning [server] the disk is full: warn', 'error [server] the disk is full: error'])
  await tab.page.evaluate('console.warn("a line of the page")')
  await logged(server, 'a line of the page')
  t.notMatch(texts(server).join(), 'the disk is full')
})

test('every line of it ran', async t => {
  for (const [name, lines] of Object.entries(await missesIn(name => /^(console\b|launch)/.test(name)))) t.same(lines, [], name)
})
