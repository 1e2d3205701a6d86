// Errors, changes and restarts in random orders, in real Chromium: each is loaded once, and what was typed comes back with the page that works.
import { test } from 'tap'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { fakeServer, type Reply } from './fake-server.js'
import { openTab, timersRun } from './tab.js'

const ROUNDS = times(2, 150)
const STEPS = 8
const STATUSES = [200, 200, 404, 500, 502, 503] as const

const FORM: Reply = { body: '<!doctype html><html><head><meta charset="utf-8">TAG</head><body><form autocomplete="off"><input name="a"></form></body></html>' }
const failing = (status: number): Reply => ({ status, body: '<!doctype html><html><head>TAG</head><body><h1>failed</h1></body></html>' })

/** The same for the same seed (mulberry32). */
function dice (seed: number): (sides: number) => number {
  let state = seed
  return sides => {
    state = (state + 0x6D2B79F5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) % sides
  }
}

for (let round = 0; round < ROUNDS; round++) {
  const seed = Number(process.env.SEED ?? Date.now() + round)
  test(`errors, changes and restarts in a random order (SEED=${seed})`, async t => {
    const roll = dice(seed)
    const server = await fakeServer(t)
    server.answer = () => FORM
    const tab = await openTab(t, server)
    await tab.page.fill('input', 'typed')
    await tab.page.clock.install()
    let done = ''
    for (let step = 0; step < STEPS; step++) {
      const status = step === STEPS - 1 ? 200 : STATUSES[roll(STATUSES.length)] as number
      const kind = ['change', 'restart', 'cut'][roll(3)] as string
      done += ` ${kind}:${status}`
      const before = server.loads.length
      server.answer = () => status === 200 ? FORM : failing(status)
      if (kind === 'change') server.change()
      if (kind === 'restart') {
        await server.kill()
        server.epoch += 'x'
        await server.start()
      }
      if (kind === 'cut') {
        for (const socket of server.sockets) socket.terminate()
        server.change()
      }
      await until(async () => {
        // The server may be killed between its answer and the navigation. A Chromium with a window loads its error page again by itself.
        // Not waiting for `load`, which a further navigation can keep from coming until long after the deadline.
        if (tab.page.url().startsWith('chrome-error:')) await tab.page.reload({ waitUntil: 'commit', timeout: 2000 }).catch(() => {})
        return await tab.ask('live?.epoch + live.seq + live.state').then(text => text === `${server.epoch}${server.seq}open`, () => false)
      }, `up to date after${done}`)
      const loads = server.loads.length - before
      // An error of a gateway is tried again, also while the next step begins.
      if (!/50[23]/.test(done)) t.equal(loads, 1, done)
      else t.ok(loads < 60, `${done}: ${loads} loads`)
    }
    await until(() => tab.page.evaluate('document.querySelector("input")?.value').then(value => value === 'typed', () => false), `the text after${done}`)
    // What would go on for ever goes on now.
    const loads = server.loads.length
    await timersRun(tab)
    t.equal(server.loads.length, loads, `quiet after${done}`)
    t.same(tab.errors.filter(text => !/status of|WebSocket|net::/.test(text)), [])
  })
}
