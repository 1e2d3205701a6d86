// Cases: the small status in a corner.
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { ERROR, failed, ok, started, WARNING } from './failing.js'
import { openScene, type Scene, type View } from './island.js'
import { PAGE, stage } from './overlay.js'

const boxOf = ({ badge }: Scene) => badge.ask<{ x: number, y: number, right: number, bottom: number }>('find("button").getBoundingClientRect().toJSON()')

export function badge (t: Test) {
  t.test('badge: connected, and then gone; nothing of the page moves', async t => {
    const server = await stage(t)
    const scene = await openScene(t, server, { script: ';window.shifts = 0; new PerformanceObserver(list => { window.shifts += list.getEntries().length }).observe({ type: "layout-shift", buffered: true })' })
    const { tab, badge } = scene
    await badge.shows('live', 'Connected')
    t.equal(await badge.text('output'), 'Connected')
    const { x, y } = await boxOf(scene)
    await badge.shows('none')
    await badge.when('getComputedStyle(find("button")).visibility === "hidden"')
    t.equal(await tab.page.evaluate(`document.elementFromPoint(${x + 5}, ${y + 5}).tagName`), 'HTML', 'the pointer reaches the page')
    t.same(await tab.page.evaluate('[window.shifts, document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]'), [0, true, true])
    server.change()
    await tab.shows(2)
    await badge.shows('live', 'Updated')
    await badge.ask('tree.host.remove()')
    server.send(ok())
    await badge.when('tree.isConnected && find("button").textContent === "Built in 240 ms"', 'it comes back')
    t.same(tab.errors, [])
  })

  t.test('badge and overlay: a page whose root is a grid', async t => {
    const server = await stage(t)
    server.answer = () => ({ body: PAGE.replace('</head>', '<style>html { display: grid; height: 100%; gap: 9px }</style></head>') })
    const { tab, badge, overlay } = await openScene(t, server)
    server.send(failed())
    await badge.shows('failed')
    await overlay.opened()
    const height = () => tab.page.evaluate('document.body.offsetHeight')
    const whole = await height()
    await tab.page.evaluate('document.querySelectorAll("live-reload-badge, live-reload-overlay").forEach(one => one.remove())')
    t.equal(whole, await height(), 'ours takes no row of it')
  })

  t.test('badge: a build, with how far and how long', async t => {
    const server = await stage(t)
    const { tab, badge } = await openScene(t, server)
    await badge.shows('none')
    server.send(started())
    server.send(ok())
    await badge.shows('live', 'Built in 240 ms')
    server.send(started())
    server.send({ type: 'build', state: 'progress', name: 'docs', done: 3, total: 40 })
    await badge.shows('building', 'Building docs · 3 of 40')
    t.equal(await badge.text('output'), 'Building docs · 3 of 40')
    server.send({ type: 'build', state: 'progress', name: 'docs', total: 41 })
    await badge.shows('building', 'Building docs · 0 of 41')
    await badge.shows('building', '0 of 41 · 1 s')
    t.equal(await badge.text('output'), 'Building docs · 3 of 40', 'progress is not read out')
    server.send(ok())
    await badge.shows('live', 'Built in')
    await badge.shows('none')
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
    await badge.shows('note', 'Paused')
    await tab.ask('live.resume()')
    await badge.shows('live', 'Connected')
    await tab.page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))')
    await badge.shows('none')
  })

  t.test('badge: a page that a form was sent for is not loaded again by itself', async t => {
    const server = await stage(t)
    server.attributes = ' data-method="POST"'
    const { badge } = await openScene(t, server)
    await badge.shows('live')
    server.change()
    await badge.shows('note', 'Not reloaded')
    t.equal(server.loads.length, 1)
  })

  t.test('badge: in its corner, and never under a finger that wants the page', async t => {
    const server = await stage(t)
    server.hello = { overlay: true, badge: { position: 'top-left' } }
    const scene = await openScene(t, server, { viewport: { width: 360, height: 600 } })
    const { tab, badge, overlay } = scene
    await badge.shows('live')
    const { x, y } = await boxOf(scene)
    t.same([x, y], [12, 12])
    const hit = () => tab.page.evaluate(`document.elementFromPoint(${x + 5}, ${y + 9}).localName`)
    t.not(await hit(), 'live-reload-badge', 'a click does nothing: it goes through')
    for (const [position, sides] of [['top-right', [348, 12]], ['bottom-left', [12, 588]], ['bottom-right', [348, 588]]] as const) {
      server.hello.badge = { position }
      const other = await openScene(t, server, { viewport: { width: 360, height: 600 } })
      await other.badge.shows('live')
      const box = await boxOf(other)
      t.same([position.endsWith('left') ? box.x : box.right, position.startsWith('top') ? box.y : box.bottom], sides, position)
    }
    server.send(started('a_build_whose_name_is_too_long_for_a_line_and_that_has_no_place_to_break_it'))
    await badge.shows('building')
    const long = await boxOf(scene)
    t.ok(long.right <= 348 && await badge.ask('find("button").scrollWidth <= find("button").clientWidth'), 'a long line is two')
    server.send(ok('a_build_whose_name_is_too_long_for_a_line_and_that_has_no_place_to_break_it'))
    server.send(failed())
    await overlay.opened()
    await tab.page.keyboard.press('Escape')
    await overlay.closed()
    t.equal(await hit(), 'live-reload-badge')
    await badge.ask('find("button").focus()')
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
    t.equal(await badge.text('button'), '1 error')
  })

  t.test('badge: a short state does not flicker; a lasting one is shown, however often it is reported', async t => {
    const server = await stage(t)
    server.hello.overlay = false
    const { badge } = await openScene(t, server)
    await badge.shows('none')
    await badge.ask('(window.kinds = [], new MutationObserver(() => { const [kind] = find("button").classList; if (window.kinds.at(-1) !== kind) window.kinds.push(kind) }).observe(find("button"), { attributeFilter: ["class"] }), 0)')
    for (const message of [started(), failed(), started(), ok()]) server.send(message)
    await badge.when('window.kinds.slice(-2).join() === "live,none"', 'good news, and nothing')
    t.notOk((await badge.ask<string[]>('window.kinds')).includes('building'))
    server.send(started())
    const steady = setInterval(() => server.send({ type: 'build', state: 'progress', name: 'docs', done: 1, total: 2 }), 20)
    t.teardown(async () => clearInterval(steady))
    await badge.shows('building', 'Building docs · 1 of 2')
    await badge.shows('building', '1 of 2 · 1 s')
  })

  t.test('badge: several builds', async t => {
    const server = await stage(t)
    const { badge } = await openScene(t, server)
    for (const message of [failed(), started(), failed([ERROR], 'other'), started('other'), ok('other')]) server.send(message)
    await badge.shows('building', 'Building docs')
    for (const message of [started('other'), { type: 'build', state: 'progress', name: 'docs', done: 1, total: 2 } as const]) server.send(message)
    await badge.shows('building', 'Building other')
    server.send(ok('other'))
    await badge.shows('building', 'Building docs · 1 of 2')
    server.send(failed([ERROR, ERROR]))
    await badge.shows('failed', '2 errors')
  })

  t.test('badge and overlay: paper, and eyes that want no motion', async t => {
    const server = await stage(t)
    server.build = { state: 'started', name: 'docs' }
    const { tab, badge, overlay } = await openScene(t, server, { reducedMotion: 'reduce' })
    await badge.shows('building')
    const motion = (view: View, selector: string) => view.ask(`getComputedStyle(find("${selector}")).animationName`)
    t.equal(await motion(badge, 'button'), 'none')
    server.send(failed())
    await overlay.opened()
    t.equal(await motion(overlay, '.panel'), 'none')
    await tab.page.emulateMedia({ reducedMotion: 'no-preference' })
    t.equal(await motion(overlay, '.panel'), 'rise')
    await tab.page.emulateMedia({ media: 'print' })
    t.same([await badge.ask('getComputedStyle(find("button")).display'), await overlay.ask('getComputedStyle(find("dialog")).display')], ['none', 'none'])
  })
}
