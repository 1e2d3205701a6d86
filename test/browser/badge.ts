// Cases: the small status in a corner.
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { ERROR, failed, ok, started, WARNING } from './failing.js'
import { openScene, type Scene, type View } from './island.js'
import { PAGE, stage } from './overlay.js'

const cornerOf = ({ badge }: Scene) => badge.ask<string>('[...find(".pill").classList].filter(name => /^(top|bottom|left|right)$/.test(name)).join("-")')
const boxOf = ({ badge }: Scene) => badge.ask<{ x: number, y: number, right: number, bottom: number }>('find(".pill").getBoundingClientRect().toJSON()')

export function badge (t: Test) {
  t.test('badge: connected, and then gone; nothing of the page moves', async t => {
    const server = await stage(t)
    const scene = await openScene(t, server, { script: ';window.shifts = 0; new PerformanceObserver(list => { window.shifts += list.getEntries().length }).observe({ type: "layout-shift", buffered: true })' })
    const { tab, badge } = scene
    await badge.shows('live', 'Connected')
    t.equal(await badge.text('[role=status]'), 'Connected')
    const { x, y } = await boxOf(scene)
    await badge.shows('gone')
    await badge.when('getComputedStyle(find(".pill")).visibility === "hidden"')
    t.equal(await tab.page.evaluate(`document.elementFromPoint(${x + 5}, ${y + 5}).tagName`), 'HTML', 'the pointer reaches the page')
    t.same(await tab.page.evaluate('[window.shifts, document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]'), [0, true, true])
    server.change()
    await tab.shows(2)
    await badge.shows('live', 'Updated')
    await badge.ask('tree.host.remove()')
    server.send(ok())
    await badge.when('tree.isConnected && find(".text").textContent === "Built in 240 ms"', 'it comes back')
    t.same(tab.errors, [])
  })

  t.test('badge: a build, with how far and how long', async t => {
    const server = await stage(t)
    const { tab, badge } = await openScene(t, server)
    await badge.shows('gone')
    server.send(started())
    server.send(ok())
    await badge.shows('live', 'Built in 240 ms')
    server.send(started())
    server.send({ type: 'build', state: 'progress', name: 'docs', done: 3, total: 40 })
    await badge.shows('building', 'Building docs · 3 of 40')
    t.equal(await badge.text('[role=status]'), 'Building docs · 3 of 40')
    server.send({ type: 'build', state: 'progress', name: 'docs', total: 41 })
    await badge.shows('building', 'Building docs · 0 of 41')
    await badge.shows('building', '0 of 41 · 1 s')
    t.equal(await badge.text('[role=status]'), 'Building docs · 3 of 40', 'progress is not read out')
    server.send(ok())
    await badge.shows('live', 'Built in')
    await badge.shows('gone')
    t.same(tab.errors, [])
  })

  t.test('badge: reconnecting, paused, hidden', async t => {
    const server = await stage(t)
    const { tab, badge } = await openScene(t, server)
    await badge.shows('live')
    await server.kill()
    await badge.shows('waiting', 'Reconnecting…')
    await server.start()
    await badge.shows('live', 'Connected')
    await tab.ask('live.pause()')
    await badge.shows('paused', 'Live reload is paused')
    await tab.ask('live.resume()')
    await badge.shows('live', 'Connected')
    await tab.page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))')
    await badge.shows('gone')
  })

  t.test('badge: moved by mouse and keyboard, and remembered', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'docs', diagnostics: [] }
    server.hello.overlay = false
    const scene = await openScene(t, server, { viewport: { width: 800, height: 600 } })
    const { tab, badge } = scene
    await badge.shows('failed', '1 error')
    t.equal(await cornerOf(scene), 'bottom-right')
    const { right, bottom, x, y } = await boxOf(scene)
    t.same([right, bottom], [788, 588])
    await tab.page.mouse.move(x + 10, y + 10)
    await tab.page.mouse.down()
    await tab.page.mouse.move(x - 300, y - 200, { steps: 4 })
    t.equal((await boxOf(scene)).x, x - 310, 'it follows the pointer')
    await tab.page.mouse.move(100, 80, { steps: 4 })
    await tab.page.mouse.up()
    t.equal(await cornerOf(scene), 'top-left')
    t.same((({ x, y }) => [x, y])(await boxOf(scene)), [12, 12])
    await badge.ask('find(".pill").focus()')
    for (const [key, corner] of [['ArrowRight', 'top-right'], ['ArrowDown', 'bottom-right'], ['ArrowDown', 'bottom-right'], ['ArrowLeft', 'bottom-left'], ['a', 'bottom-left'], ['ArrowUp', 'top-left'], ['ArrowRight', 'top-right']] as const) {
      await tab.page.keyboard.press(key)
      t.equal(await cornerOf(scene), corner, key)
    }
    await tab.snapshot()
    await tab.page.reload()
    await tab.connected()
    await badge.shows('failed')
    t.equal(await cornerOf(scene), 'top-right')
    await tab.page.evaluate('localStorage.setItem("live-reload-badge", "<img>")')
    await tab.page.reload()
    await tab.connected()
    await badge.shows('failed')
    t.equal(await cornerOf(scene), 'bottom-right', 'junk is not a corner')
  })

  t.test('badge: a click with an unsteady hand, a drag that is none, another button', async t => {
    const server = await stage(t)
    const scene = await openScene(t, server)
    const { tab, badge, overlay } = scene
    server.send(failed())
    await overlay.opened()
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    const { x, y } = await boxOf(scene)
    const drag = async (dx: number, button: 'left' | 'right' = 'left') => {
      await tab.page.mouse.move(x + 10, y + 10)
      await tab.page.mouse.down({ button })
      await tab.page.mouse.move(x + 10 + dx, y + 10, { steps: 2 })
      await tab.page.mouse.up({ button })
    }
    await drag(-100, 'right')
    await drag(-40)
    t.equal(await cornerOf(scene), 'bottom-right')
    t.equal(await overlay.isOpen(), false, 'the click that ends a drag is none')
    await badge.ask('(find(".pill").dispatchEvent(new PointerEvent("pointercancel")), 0)')
    await drag(-2)
    await overlay.opened()
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    await badge.ask('find(".pill").focus()')
    await tab.page.keyboard.press('Enter')
    await overlay.opened()
  })

  t.test('badge: the option, a page without storage', async t => {
    const server = await stage(t)
    server.hello.badge = false
    const off = await openScene(t, server)
    server.send(started())
    await until(() => off.tab.ask<number>('live.metrics.messages').then(messages => messages === 2), 'message')
    t.equal(await off.tab.page.evaluate('document.querySelector("live-reload-badge")'), null)

    server.hello.badge = { position: 'top-left' }
    const scene = await openScene(t, server, { script: ';for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get () { throw new Error("refused") } })' })
    await scene.badge.shows('live')
    t.equal(await cornerOf(scene), 'top-left')
    await scene.badge.ask('find(".pill").focus()')
    await scene.tab.page.keyboard.press('ArrowRight')
    t.equal(await cornerOf(scene), 'top-right')
    server.send(failed())
    await scene.badge.shows('failed')
    server.send(ok())
    await scene.badge.shows('live')
  })

  t.test('badge: in a sandbox, which may load no module: failures are in the console', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'docs', diagnostics: [ERROR] }
    server.answer = () => ({ body: PAGE, headers: { 'content-security-policy': 'sandbox allow-scripts' } })
    const { tab, badge } = await openScene(t, server)
    await until(() => tab.errors.length === 1, 'what the greeting says')
    await badge.shows('failed', '1 error')
    server.send(failed([WARNING]))
    await until(() => tab.errors.length === 2, 'what comes later')
    t.match(tab.errors[0], /^\[live-reload\] failed: .*titel/)
    t.match(tab.errors[1], WARNING.message)
    t.same(server.scripts, ['/__live/client.js?v=1'])
  })

  t.test('badge: a page still on its way is left alone', async t => {
    const server = await stage(t)
    server.build = { state: 'failed', name: 'docs', diagnostics: [] }
    server.hello.overlay = false
    server.answer = () => ({ body: ['<!doctype html><html><head>TAG', '', '', '<title>page</title></head>', '<body>', '<p>', '<p>'] })
    const seen = '(({ readyState, documentElement: { children } }) => [readyState, ...[...children].map(({ localName }) => localName)].join(" "))(document)'
    const { tab, badge } = await openScene(t, server, { script: `;window.seen = new Set(); new MutationObserver(() => seen.add(${seen})).observe(document, { childList: true, subtree: true })` })
    await badge.when('tree.isConnected')
    const places = await tab.page.evaluate<string[]>('[...window.seen]')
    t.same(places.filter(place => place.includes('badge')).filter(place => !/^(interactive|complete) head body live-reload-badge$/.test(place)), [])
    t.equal(await badge.text('.text'), '1 error')
  })

  t.test('badge: several builds', async t => {
    const server = await stage(t)
    const { badge } = await openScene(t, server)
    for (const message of [failed(), started(), failed([ERROR], 'other'), started('other'), ok('other')]) server.send(message)
    await badge.shows('building', 'Building docs')
    server.send(failed([ERROR, ERROR]))
    await badge.shows('failed', '2 errors')
  })

  t.test('badge: why the page stays as it is', async t => {
    const server = await stage(t)
    const { tab, badge } = await openScene(t, server)
    server.answer = () => ({ status: 500 })
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await badge.shows('waiting', 'Not reloaded: the page answers 500')
    await tab.snapshot()
    server.answer = () => ({ body: PAGE })
    await badge.shows('live', 'Updated')
  })

  t.test('badge and overlay: paper, and eyes that want no motion', async t => {
    const server = await stage(t)
    server.build = { state: 'started', name: 'docs' }
    const { tab, badge, overlay } = await openScene(t, server, { reducedMotion: 'reduce' })
    await badge.shows('building')
    const motion = (view: View, selector: string) => view.ask(`getComputedStyle(find("${selector}")).animationName`)
    t.equal(await motion(badge, '.dot'), 'none')
    server.send(failed())
    await overlay.opened()
    t.equal(await motion(overlay, '.panel'), 'none')
    await tab.page.emulateMedia({ reducedMotion: 'no-preference' })
    t.equal(await motion(overlay, '.panel'), 'rise')
    await tab.page.emulateMedia({ media: 'print' })
    t.same([await badge.ask('getComputedStyle(tree.host).display'), await overlay.ask('getComputedStyle(find("dialog")).display')], ['none', 'none'])
  })
}
