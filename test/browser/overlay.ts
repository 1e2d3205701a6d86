// Cases: a failed build over the page.
import type { Test } from 'tap'
import { devtools } from '../support/browser.js'
import { until } from '../support/wait.js'
import { ERROR, failed, ok, started, WARNING } from './failing.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { openScene, type Scene } from './island.js'

export const PAGE = '<!doctype html><html><head><meta charset="utf-8">TAG<title>page</title></head><body><h1>page</h1><input value="typed"><button>Save</button></body></html>'

export async function stage (t: Test): Promise<FakeServer> {
  const server = await fakeServer(t)
  server.hello = { overlay: true, badge: { position: 'bottom-right' }, editor: true }
  server.answer = () => ({ body: PAGE })
  return server
}

const heard = (scene: Scene, count: number) => until(() => scene.tab.ask<number>('live.metrics.messages').then(messages => messages >= count), `${count} messages`)

export function overlay (t: Test) {
  t.test('overlay: a plain page loads nothing for it', async t => {
    const server = await stage(t)
    const { tab } = await openScene(t, server)
    server.send(started())
    server.send(ok())
    await heard({ tab } as Scene, 3)
    await tab.page.evaluate('setTimeout(() => { throw new Error("of the page") }), Promise.reject(new Error("too")), 0')
    await until(() => tab.errors.length === 2, 'errors of the page')
    t.same(server.scripts, ['/__live/client.js?v=1'])
    t.equal(await tab.page.evaluate('document.querySelector("live-reload-overlay")'), null, 'errors of the page itself show nothing')
  })

  t.test('overlay: opens when a build fails, closes when it is good again; the page stays as it is', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    await tab.page.click('input')
    await tab.page.keyboard.press('Home')
    const before = await tab.page.evaluate('document.body.outerHTML')
    server.send(failed())
    await overlay.opened()
    t.same(server.scripts, ['/__live/client.js?v=1', '/__live/more.js?v=1'])
    t.equal(await overlay.text('h1'), 'Build failed')
    t.equal(await overlay.text('.origin'), 'docs')
    t.equal(await overlay.text('.tag'), 'error')
    t.equal(await overlay.text('.message'), ERROR.message)
    t.equal(await overlay.text('.place'), 'src/page.ts:11:15')
    t.match(await overlay.text('.hit'), /11 +return page\.titel\.trim\(\)/)
    t.equal(await overlay.ask('tree.querySelectorAll(".hit").length'), 1)
    t.equal(await overlay.ask('find(".pages").hidden'), true, 'one problem needs no pages')
    t.equal(await overlay.ask('Math.abs(find(".hit").querySelector(".number").getBoundingClientRect().right - find(".number").getBoundingClientRect().right) < 1'), true, 'numbers in one column')
    t.equal(await tab.page.evaluate('document.querySelector("live-reload-overlay").shadowRoot'), null, 'closed to the page')
    t.equal(await overlay.ask('tree.activeElement.tagName'), 'H1', 'focus is in, on nothing that does something')
    await tab.page.keyboard.type('xyz')
    await tab.page.keyboard.press('Enter')
    t.same([server.opened.length, await overlay.isOpen()], [0, true])

    server.send(started())
    await heard({ tab } as Scene, 3)
    t.equal(await overlay.isOpen(), true, 'another try alone is no good news')
    server.send(ok())
    await overlay.closed()
    t.equal(await overlay.text('[role=status].said'), 'The build is good again.')
    t.equal(await tab.page.evaluate('document.activeElement.tagName'), 'INPUT', 'focus comes back')
    await tab.page.keyboard.type('un')
    t.equal(await tab.page.evaluate('document.querySelector("input").value'), 'untyped', 'to where it was')
    t.equal(await tab.page.evaluate('document.body.outerHTML'), before)
    t.equal(server.loads.length, 1)
    t.same(tab.errors, [])
  })

  t.test('overlay: what assistive technology is told', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.send(failed([ERROR, WARNING]))
    await overlay.opened()
    const session = await devtools(tab.page)
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const told = nodes.filter(node => !node.ignored).map(node => `${node.role?.value} ${node.name?.value}${node.description?.value ? ` (${node.description.value})` : ''}`)
    t.ok(told.includes(`alertdialog Build failed (${ERROR.message})`), told.join('\n'))
    for (const name of ['heading Build failed', 'button Previous problem', 'button Next problem', 'button Minimise until the build is good again', 'button Close (Esc)', 'button Copy as text', 'group Source']) t.ok(told.some(line => line.startsWith(name)), name)
    t.notOk(told.some(line => line.startsWith('textbox')), 'the page behind is not reached')
  })

  t.test('overlay: a tab that opens while the build is broken', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'site', diagnostics: [ERROR] }
    const { tab, overlay } = await openScene(t, server)
    await overlay.opened()
    t.equal(await overlay.text('.origin'), 'site')
    server.build = { state: 'ok', name: 'site' }
    await tab.ask('live.reconnect()')
    await overlay.closed()
  })

  t.test('overlay: closed by hand it stays away until there is another failure', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'docs', diagnostics: [ERROR] }
    const scene = await openScene(t, server)
    const { tab, overlay, badge } = scene
    await overlay.opened()
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    server.send(failed())
    await heard(scene, 2)
    t.equal(await overlay.isOpen(), false, 'the same failure again')
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    await badge.shows('failed', '1 error')
    t.equal(await overlay.isOpen(), false, 'and on the next page')
    server.send(failed([{ ...ERROR, line: 12 }]))
    await overlay.opened()
    await overlay.click('.tools button:last-child')
    await overlay.closed()
    server.send(ok())
    await heard(scene, 3)
    t.equal(await tab.page.evaluate('sessionStorage.length'), 0, 'nothing is left behind')
    server.send(failed([{ ...ERROR, line: 12 }]))
    await overlay.opened()
    await tab.page.mouse.click(4, 300)
    await overlay.closed()
    await badge.click('.pill')
    await overlay.opened()
    await overlay.ask('find("dialog").dispatchEvent(new Event("cancel", { cancelable: true }))')
    await overlay.closed()
  })

  t.test('overlay: minimised it stays small until the build was good', async t => {
    const server = await stage(t)
    const { tab, overlay, badge } = await openScene(t, server)
    server.send(failed())
    await overlay.opened()
    await overlay.click('.tools button:first-child')
    await overlay.closed()
    server.send(failed([ERROR, { ...ERROR, message: 'another' }]))
    await badge.shows('failed', '2 errors')
    t.equal(await overlay.isOpen(), false)
    await badge.click('.pill')
    await overlay.opened()
    t.equal(await overlay.text('.count'), '1 of 2')
    await overlay.click('.tools button:first-child')
    await overlay.closed()
    server.send(ok())
    server.send(failed())
    await overlay.opened()
    t.same(tab.errors, [])
  })

  t.test('overlay: several problems of several builders', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.send(failed([WARNING, ERROR, { severity: 'error', message: '' }]))
    await overlay.opened()
    const seen = async () => [await overlay.text('.count'), await overlay.text('.tag'), await overlay.text('.origin'), await overlay.text('.message')]
    t.same(await seen(), ['1 of 3', 'error', 'docs', ERROR.message], 'errors first')
    await overlay.click('[aria-label="Next problem"]')
    t.same(await seen(), ['2 of 3', 'error', 'docs', 'The build failed without saying why.'])
    t.equal(await overlay.ask('!!find(".place") || !!find(".frame")'), false)
    await tab.page.keyboard.press('ArrowRight')
    t.same(await seen(), ['3 of 3', 'warning', 'docs · docs 3 of 8', WARNING.message])
    t.equal(await overlay.text('.status'), 'warning 3 of 3')
    await tab.page.keyboard.press('ArrowRight')
    await overlay.click('[aria-label="Previous problem"]')
    t.equal((await seen())[0], '3 of 3', 'round and round')
    await tab.page.keyboard.press('Alt+ArrowLeft')
    await tab.page.keyboard.press('ArrowLeft')
    await tab.page.keyboard.press('ArrowLeft')
    t.equal((await seen())[0], '1 of 3')
    await overlay.ask('find(".frame").focus()')
    await tab.page.keyboard.press('ArrowRight')
    t.equal((await seen())[0], '1 of 3', 'a frame is scrolled by its arrows')
    await overlay.ask('find(".place").focus()')
    await tab.page.keyboard.press('ArrowRight')
    t.same([(await seen())[0], await overlay.ask('tree.activeElement.tagName')], ['2 of 3', 'H1'], 'focus is not lost with what it was on')

    server.send(failed([], 'css'))
    await overlay.when('find(".count").textContent === "1 of 4"')
    server.send(ok())
    await overlay.when('find(".origin").textContent === "css"', 'the other one is left')
    await tab.page.keyboard.press('ArrowRight')
    t.equal(await overlay.text('.message'), 'The build failed without saying why.')
    server.send(failed(Array.from({ length: 150 }, (_, i) => ({ severity: 'warning', message: `w${i}` })), 'css'))
    await overlay.when('find(".count").textContent === "1 of 100 (150 in all)"')
    t.equal(await overlay.text('h1'), 'Build failed with warnings')
  })

  t.test('overlay: the keyboard stays inside, and the page hears none of it', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    await tab.page.evaluate('(window.keys = 0, document.addEventListener("keydown", () => { window.keys++ }), 0)')
    server.send(failed([ERROR, WARNING]))
    await overlay.opened()
    const stops: string[] = []
    const name = '(({ title, textContent, tagName }) => title || (tagName === "PRE" ? "frame" : textContent))(tree.activeElement)'
    for (let i = 0; i < 8; i++) {
      await tab.page.keyboard.press('Tab')
      stops.push(await overlay.ask(name))
    }
    t.same(stops, ['Previous problem', 'Next problem', 'Minimise until the build is good again', 'Close (Esc)', 'Open in your editor', 'frame', 'Copy as text', 'Previous problem'])
    await tab.page.keyboard.press('Shift+Tab')
    t.equal(await overlay.ask(name), 'Copy as text')
    await overlay.ask('find("h1").focus()')
    await tab.page.keyboard.press('Shift+Tab')
    t.equal(await overlay.ask(name), 'Copy as text')
    t.equal(await tab.page.evaluate('window.keys'), 0)
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    t.same([await tab.page.evaluate('window.keys'), await tab.page.evaluate('document.activeElement.tagName')], [0, 'BODY'])
  })

  t.test('overlay: copy as text', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server, { permissions: ['clipboard-read', 'clipboard-write'] })
    server.send(failed([ERROR, WARNING, { severity: 'error', message: '\u001b[1mbold' }]))
    await overlay.opened()
    const text = `error in docs at src/page.ts:11:15\n${ERROR.message}\n${ERROR.frame}\n\nerror in docs\nbold\n\nwarning in docs, docs 3 of 8 at src/menu.ts:3:1\n${WARNING.message}`
    await overlay.click('.plain')
    await overlay.when('find(".status").textContent === "Copied"')
    t.equal(await tab.page.evaluate('navigator.clipboard.readText()'), text)
    await tab.page.evaluate('navigator.clipboard.writeText("").then(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")) })')
    await overlay.ask('find(".status").textContent = ""')
    await overlay.click('.plain')
    await overlay.when('find(".status").textContent === "Copied"')
    t.equal(await tab.page.evaluate('navigator.clipboard.readText()'), text, 'the old way')
    t.equal(await overlay.ask('!!find("textarea")'), false)
    await tab.page.evaluate('(document.execCommand = () => false, 0)')
    await overlay.click('.plain')
    await overlay.when('find(".status").textContent.includes("not allow")')
    t.equal(await overlay.ask('tree.activeElement.className'), 'plain')
  })

  t.test('overlay: a place is a button that asks the server', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.send(failed([ERROR]))
    await overlay.opened()
    await overlay.click('.place')
    await overlay.when('find(".status").textContent.includes("Opening")')
    t.same(server.opened, [{ body: { file: 'src/page.ts', line: 11, column: 15 }, token: 'secret', query: 'secret', type: 'application/json' }])
    server.opening = { status: 403, body: '{"message":"that file is outside of the project"}' }
    await overlay.click('.place')
    await overlay.when('find(".status").textContent === "Not opened: that file is outside of the project"')
    server.opening = { status: 500, body: '<h1>' }
    await overlay.click('.place')
    await overlay.when('find(".status").textContent.includes("could not be asked")')
    t.equal(await overlay.isOpen(), true)
    server.hello.editor = false
    server.build = { state: 'failed', name: 'docs', diagnostics: [ERROR] }
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    await overlay.opened()
    t.equal(await overlay.ask('find(".place").tagName'), 'SPAN', 'plain text where nothing can be opened')
  })

  t.test('overlay: frames of all kinds', async t => {
    const server = await stage(t)
    const { overlay } = await openScene(t, server)
    const rows = async (frame: string, line?: number) => {
      server.send(failed([{ severity: 'error', message: frame.slice(0, 20), frame, ...line !== undefined && { line } }]))
      await overlay.when(`find(".message")?.textContent === ${JSON.stringify(frame.slice(0, 20).trim())}`)
      return overlay.ask<string[]>('[...tree.querySelectorAll(".row")].map(row => row.className.slice(4) + "|" + row.textContent.trimEnd())')
    }
    await rows('x')
    t.same(await rows('    4 │ let a = ;\n      ╵         ^', 4), ['hit|     4 let a = ;', 'pointer|                ^'], 'esbuild')
    t.same(await rows('some words\n  of a tool'), ['|some words', '|  of a tool'])
    t.equal((await rows(`${'long '.repeat(400)}\n${'row\n'.repeat(500)}`)).length, 60)
    t.ok((await rows('y'.repeat(5000)))[0]?.endsWith('…'))
  })

  t.test('overlay: a handler shows failures itself', async t => {
    const server = await stage(t)
    const scene = await openScene(t, server)
    await scene.tab.ask('(window.heard = [], live.on("build", ({ name, state }) => { window.heard.push(state); return name !== "mine" }), 0)')
    server.send(failed([ERROR], 'mine'))
    await heard(scene, 2)
    await scene.badge.shows('failed', '1 error')
    t.equal(server.scripts.length, 1)
    server.send(failed([ERROR], 'other'))
    await scene.overlay.opened()
    server.send(failed([WARNING], 'mine'))
    await scene.overlay.closed()
    // A tab that opens later, or comes back.
    server.build = { state: 'failed', name: 'mine', diagnostics: [ERROR] }
    await server.kill()
    await scene.badge.shows('waiting', 'Reconnecting…')
    await server.start()
    await scene.badge.shows('failed', '1 error')
    t.equal(await scene.overlay.isOpen(), false, 'nor what the greeting says')
    server.build = { state: 'idle' }
    await server.kill()
    await scene.badge.shows('waiting', 'Reconnecting…')
    await server.start()
    await scene.badge.shows('live', 'Connected')
    t.same(await scene.tab.page.evaluate('window.heard'), ['failed', 'failed', 'failed', 'failed'], 'nothing is not told')
  })

  t.test('overlay: the option', async t => {
    const server = await stage(t)
    server.hello = { overlay: false, badge: { position: 'bottom-right' } }
    server.build = { state: 'failed', diagnostics: [ERROR, WARNING] }
    const { badge } = await openScene(t, server)
    await badge.shows('failed', '1 error')
    await badge.click('.pill')
    t.equal(server.scripts.length, 1)
    server.hello = { overlay: true, badge: false }
    const other = await openScene(t, server)
    await other.overlay.opened()
    t.equal(await other.overlay.text('.origin'), 'build')
    t.equal(await other.overlay.ask('tree.querySelectorAll(".tools button").length'), 1, 'nowhere to minimise to')
  })

  t.test('overlay: a file that can not be had is asked for again with the next failure', async t => {
    const server = await stage(t)
    server.broken.more = 503
    const { tab, overlay } = await openScene(t, server)
    server.send(failed())
    await until(() => tab.errors.some(text => text.includes('[live-reload] failed:') && text.includes('titel')), 'it is in the console')
    server.broken = {}
    server.send(failed([WARNING]))
    await overlay.opened()
    t.same(server.scripts.slice(1), ['/__live/more.js?v=1', '/__live/more.js?v=1&try=2'])
  })

  t.test('overlay: good before it was loaded, removed by the page', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    let release: (() => void) | undefined
    await tab.page.route('**/more.js*', async route => {
      await new Promise<void>(resolve => { release = resolve })
      await route.continue()
    })
    server.send(failed())
    await until(() => release, 'asked')
    server.send(ok())
    await heard({ tab } as Scene, 3)
    release?.()
    await until(() => server.scripts.length === 2, 'loaded')
    t.equal(await overlay.isOpen(), false)
    server.send(failed())
    await overlay.opened()
    await tab.page.evaluate('document.querySelector("live-reload-overlay").remove()')
    server.send(failed([WARNING]))
    await overlay.opened()
    t.equal(await overlay.text('.message'), WARNING.message)
  })
}
