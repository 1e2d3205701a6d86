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
    t.same(server.scripts, ['/__live/client.js?v=1', '/__live/failures.js?v=1'])
    t.equal(await overlay.text('h1'), 'Build failed')
    t.equal(await overlay.text('.origin'), 'docs')
    t.equal(await overlay.text('.tag'), 'error')
    t.equal(await overlay.text('.message'), ERROR.message)
    t.equal(await overlay.text('.place'), 'src/page.ts:11:15')
    t.match(await overlay.text('.hit'), /11 +return page\.titel\.trim\(\)/)
    t.equal(await overlay.ask('tree.querySelectorAll(".hit").length'), 1)
    t.equal(await overlay.text('.count'), '', 'one problem needs no count')
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
    t.equal(await overlay.text('output'), 'The build is good again.')
    t.equal(await tab.page.evaluate('document.activeElement.tagName'), 'INPUT', 'focus comes back')
    await tab.page.keyboard.type('un')
    t.equal(await tab.page.evaluate('document.querySelector("input").value'), 'untyped', 'to where it was')
    t.equal(await tab.page.evaluate('document.body.outerHTML'), before)
    t.equal(server.loads.length, 1)
    t.same(tab.errors, [])
  })

  t.test('overlay: what assistive technology receives', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.send(failed([ERROR, WARNING]))
    await overlay.opened()
    const session = await devtools(tab.page)
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const told = nodes.filter(node => !node.ignored).map(node => `${node.role?.value} ${node.name?.value}${node.description?.value ? ` (${node.description.value})` : ''}`)
    t.ok(told.includes(`alertdialog Build failed (${ERROR.message})`), told.join('\n'))
    for (const name of ['heading Build failed', 'list', 'button Minimise until the build is good again', 'button Close (Esc)', 'button Copy as text', 'group Source']) t.ok(told.some(line => line.startsWith(name)), name)
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
    await overlay.click('.tool:last-of-type')
    await overlay.closed()
    server.send(ok())
    await heard(scene, 3)
    server.send(failed([{ ...ERROR, line: 12 }]))
    await overlay.opened()
    await tab.page.mouse.click(4, 300)
    await overlay.closed()
    await badge.click('button')
    await overlay.opened()
    server.build = { ...server.build, diagnostics: [{ ...ERROR, line: 12 }] }
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    await overlay.opened()
    await overlay.ask('find("dialog").dispatchEvent(new Event("cancel", { cancelable: true }))')
    await overlay.closed()
  })

  t.test('overlay: minimised it stays small until the build was good', async t => {
    const server = await stage(t)
    const { tab, overlay, badge } = await openScene(t, server)
    server.send(failed())
    await overlay.opened()
    await overlay.click('.tool')
    await overlay.closed()
    server.send(failed([ERROR, { ...ERROR, message: 'another' }]))
    await badge.shows('failed', '2 errors')
    t.equal(await overlay.isOpen(), false)
    await badge.click('button')
    await overlay.opened()
    t.equal(await overlay.text('.count'), '2 problems')
    server.send(failed([WARNING]))
    await overlay.when(`find(".message").textContent === ${JSON.stringify(WARNING.message)}`, 'opened by hand it shows what comes')
    await overlay.click('.tool')
    await overlay.closed()
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    server.send(failed())
    await badge.shows('failed', '1 error')
    await heard({ tab } as Scene, 2)
    t.equal(await overlay.isOpen(), false, 'on the next page as well')
    server.send(ok())
    server.send(failed())
    await overlay.opened()
    t.same(tab.errors, [])
  })

  t.test('overlay: several problems of several builders', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    const all = (selector: string) => overlay.ask<string[]>(`[...tree.querySelectorAll("${selector}")].map(one => one.textContent)`)
    server.send(failed([WARNING, ERROR, { severity: 'error', message: '' }]))
    await overlay.opened()
    t.equal(await overlay.text('.count'), '3 problems')
    t.same(await all('.tag'), ['error', 'error', 'warning'], 'errors first')
    t.same(await all('.origin'), ['docs', 'docs', 'docs'])
    t.same(await all('.message'), [ERROR.message, 'The build failed without saying why.', WARNING.message])
    t.equal((await all('.frame')).length, 1)

    await overlay.ask('find(".frame").focus()')
    server.send(failed([], 'css'))
    await overlay.when('find(".count").textContent === "4 problems"')
    t.equal(await overlay.ask('tree.activeElement.tagName'), 'H1', 'focus is not lost with what it was on')
    server.send(ok())
    await overlay.when('find(".origin").textContent === "css"', 'the other one is left')
    for (const name of ['css', 'more', 'most']) server.send(failed(Array.from({ length: 50 }, (_, i) => ({ severity: 'warning', message: `w${i}` })), name))
    await overlay.when('find(".count").textContent === "100 of 150 problems"')
    t.equal(await overlay.text('h1'), 'Build failed with warnings')

    t.equal(await overlay.ask('find(".panel").scrollHeight > find(".panel").clientHeight'), true)
    await tab.page.keyboard.press('PageDown')
    await overlay.when('find(".panel").scrollTop > 100', 'it is scrolled by keyboard from the heading on')
    const place = await overlay.ask<number>('find(".panel").scrollTop')
    const views = server.views.length
    server.send(started('css'))
    server.send(failed(Array.from({ length: 50 }, (_, i) => ({ severity: 'warning', message: `w${i}` })), 'css'))
    await until(() => server.views.length > views, 'looked at again')
    await overlay.when('find("dialog").open')
    t.ok(await overlay.ask<number>('find(".panel").scrollTop') >= place, 'the same problems stay where they are')
    t.same(tab.errors, [])
  })

  t.test('overlay: answers that overtake each other', async t => {
    const server = await stage(t)
    const scene = await openScene(t, server)
    const { tab, overlay } = scene
    let release = () => {}
    server.view = new Promise<void>(resolve => { release = resolve })
    server.send(failed())
    await until(() => server.views.length === 1, 'asked')
    server.view = undefined
    server.send(failed([WARNING]))
    await overlay.opened()
    release()
    await tab.page.waitForFunction('performance.getEntriesByType("resource").filter(({ name }) => name.includes("/overlay")).length === 2')
    t.equal(await overlay.text('.message'), WARNING.message, 'an older answer is not shown')

    server.view = new Promise<void>(resolve => { release = resolve })
    server.send(failed())
    await until(() => server.views.length === 3, 'asked')
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    release()
    await overlay.opened()
    t.equal(await overlay.text('.message'), ERROR.message, 'what comes after a close by hand is shown')

    server.view = new Promise<void>(resolve => { release = resolve })
    server.send(failed([WARNING]))
    await until(() => server.views.length === 4, 'asked')
    server.send(ok())
    await overlay.closed()
    release()
    await tab.page.waitForFunction('performance.getEntriesByType("resource").filter(({ name }) => name.includes("/overlay")).length === 4')
    t.equal(await overlay.isOpen(), false, 'what is good meanwhile is not')
    t.same(tab.errors, [])
  })

  t.test('overlay: the server knows better, or does not answer', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    server.broken.overlay = 429
    server.send(failed())
    await until(() => tab.errors.some(text => text.includes('[live-reload] failed:') && text.includes('titel')), 'it is in the console')
    server.broken = {}
    server.send(failed([WARNING]))
    await overlay.opened()
    t.equal(await overlay.ask('getComputedStyle(find(".panel")).borderTopLeftRadius'), '12px', 'it is dressed')
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    // It was told of by somebody else.
    for (const socket of server.sockets) socket.send(JSON.stringify(ok()))
    server.send(ok())
    for (const socket of server.sockets) socket.send(JSON.stringify(failed()))
    await until(() => server.views.length === 3, 'asked')
    await tab.page.waitForFunction('performance.getEntriesByType("resource").filter(({ name }) => name.includes("/overlay")).length === 3')
    t.equal(await overlay.isOpen(), false)
  })

  t.test('overlay: the page hears nothing of it, and is not reached', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    await tab.page.evaluate('addEventListener("keydown", event => { if (event.key === "Escape") event.preventDefault() }, true)')
    await tab.page.evaluate('(window.heard = [], ["keydown", "keyup", "click", "mousemove", "pointerdown", "wheel"].forEach(name => document.addEventListener(name, () => window.heard.push(name))), 0)')
    server.send(failed([ERROR, WARNING]))
    await overlay.opened()
    await overlay.ask('find(".panel").addEventListener("click", () => { window.clicked = true })')
    const stops: string[] = []
    const name = '(({ title, textContent, tagName }) => title || (tagName === "PRE" ? "frame" : textContent))(tree.activeElement)'
    for (let i = 0; i < 6; i++) {
      await tab.page.keyboard.press('Tab')
      stops.push(await overlay.ask(name))
    }
    t.same(stops, ['Minimise until the build is good again', 'Close (Esc)', 'Open in your editor', 'frame', 'Open in your editor', 'Copy as text'])
    await overlay.click('.message')
    await tab.page.mouse.wheel(0, 50)
    t.equal(await tab.page.evaluate('window.clicked'), true)
    await tab.page.mouse.move(4, 300)
    const heard = await tab.page.evaluate<string[]>('window.heard')
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    t.same(heard, [])
    t.same(await tab.page.evaluate('document.activeElement.tagName'), 'BODY')
    await tab.page.keyboard.press('a')
    t.same(await tab.page.evaluate('window.heard.slice(-2)'), ['keydown', 'keyup'], 'and now it hears again')
  })

  t.test('overlay: what has the focus is seen; a text is selected beyond the panel', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server, { viewport: { width: 1000, height: 500 }, reducedMotion: 'reduce' })
    server.send(failed(Array.from({ length: 5 }, (_, i) => ({ ...ERROR, message: `problem ${i}` }))))
    await overlay.opened()
    const { x, y } = await overlay.ask<{ x: number, y: number }>('find(".message").getBoundingClientRect().toJSON()')
    await tab.page.mouse.move(x + 60, y + 9)
    await tab.page.mouse.down()
    await tab.page.mouse.move(x + 20, y + 9)
    await tab.page.mouse.move(5, y + 9, { steps: 3 })
    await tab.page.mouse.up()
    t.equal(await overlay.isOpen(), true, 'that was no click beside it')

    const hidden = '(({ top, bottom }) => top < find("header").getBoundingClientRect().bottom || bottom > find("footer").getBoundingClientRect().top)(tree.activeElement.getBoundingClientRect())'
    const seen: boolean[] = []
    await overlay.ask('find(".tool:last-of-type").focus()')
    for (const [key, times] of [['Tab', 9], ['Shift+Tab', 8]] as const) {
      for (let i = 0; i < times; i++) {
        await tab.page.keyboard.press(key)
        seen.push(!await overlay.ask(hidden))
      }
    }
    t.notOk(seen.includes(false), 'nor is it below the header or the footer')
  })

  t.test('overlay: copy as text', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server, { permissions: ['clipboard-read', 'clipboard-write'] })
    server.send(failed([ERROR, WARNING, { severity: 'error', message: '\u001b[1mbold' }]))
    await overlay.opened()
    const text = `error in docs at src/page.ts:11:15\n${ERROR.message}\n${ERROR.frame}\n\nerror in docs\nbold\n\nwarning in docs at src/menu.ts:3:1\n${WARNING.message}`
    await tab.page.evaluate('(window.heard = [], ["copy", "select", "click"].forEach(name => document.addEventListener(name, () => window.heard.push(name))), 0)')
    // The only case that copies: the clipboard is that of all tabs.
    await overlay.click('.plain')
    await overlay.when('find(".status").textContent === "Copied"')
    t.equal(await tab.page.evaluate('navigator.clipboard.readText()'), text)
    t.same(await tab.page.evaluate('window.heard'), [], 'the page hears nothing of it')
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
    await overlay.when('find(".status").textContent === "opening"')
    t.same(server.opened, [{ body: { file: 'src/page.ts', line: 11, column: 15 }, token: undefined, query: 'secret', type: 'application/json' }])
    server.opening = { status: 403, body: '{"message":"that file is outside of the project"}' }
    await overlay.click('.place')
    await overlay.when('find(".status").textContent === "that file is outside of the project"')
    server.opening = { status: 500, body: '<h1>' }
    await overlay.click('.place')
    await overlay.when('find(".status").textContent.includes("does not answer")')
    t.equal(await overlay.isOpen(), true)
    server.hello.editor = false
    server.build = { state: 'failed', name: 'docs', diagnostics: [ERROR] }
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    await overlay.opened()
    t.equal(await overlay.ask('find(".place").tagName'), 'SPAN', 'plain text where nothing can be opened')
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
    await badge.click('button')
    t.equal(server.scripts.length, 1)
    server.hello = { overlay: true, badge: false }
    const other = await openScene(t, server)
    await other.overlay.opened()
    t.equal(await other.overlay.text('.origin'), 'build')
    t.equal(await other.overlay.ask('tree.querySelectorAll(".tool").length'), 1, 'nowhere to minimise to')
  })

  t.test('overlay: a module that cannot be loaded is requested again with the next failure', async t => {
    const server = await stage(t)
    server.broken.failures = 503
    const { tab, overlay } = await openScene(t, server)
    server.send(failed())
    await until(() => tab.errors.some(text => text.includes('[live-reload] failed:') && text.includes('titel')), 'it is in the console')
    server.broken = {}
    server.send(failed([WARNING]))
    await overlay.opened()
    t.same(server.scripts.slice(1), ['/__live/failures.js?v=1', '/__live/failures.js?v=1&try=2'])
  })

  t.test('overlay: good before it was loaded, removed by the page', async t => {
    const server = await stage(t)
    const { tab, overlay } = await openScene(t, server)
    let release: (() => void) | undefined
    await tab.page.route('**/failures.js*', async route => {
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
