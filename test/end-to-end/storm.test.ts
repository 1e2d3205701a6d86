// From the disk to a client that knows only the wire: many writes, half writes, writes that never stop.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { ReloadMessage } from '../../types/message.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'

const RUNS = times(1, 100)
const BACKENDS = ['native', 'poll'] as const

/** Settles when nothing was told for so long that whatever was gathered must have gone out. */
async function quiet (count: () => number, ms = 700): Promise<number> {
  let last = count()
  for (let since = performance.now(); performance.now() - since < ms;) {
    await sleep(20)
    if (count() !== last) [last, since] = [count(), performance.now()]
  }
  return last
}

/** The page as data, without the client in it; nothing when the app closes meanwhile. */
async function read (url: string): Promise<string> {
  return await fetch(url, { headers: { 'sec-fetch-dest': 'empty' } }).then(answer => answer.text(), () => '').catch(() => '')
}

for (const [debounce, reloads, builds] of [[0, 2, 2], [150, 1, 1]] as const) {
  test(`5,000 writes at once, debounce ${debounce}: at most ${reloads} reloads and ${builds} builds`, async t => {
    const { path, at } = folder(t, { 'src/first.md': 'x', 'out/index.html': 'x' })
    let runs = 0
    const { tab } = await startApp(t, { root: at('out'), debounce, build: { source: at('src'), builder: async () => { runs++ } } })
    const watching = await tab()
    const started = runs
    mkdirSync(`${path}/src/many`)
    for (let i = 0; i < 5000; i++) writeFileSync(`${path}/src/many/${i}.md`, String(i))
    await until(() => runs > started, 'a build')
    await quiet(() => runs)
    t.ok(runs - started <= builds, `${runs - started} builds`)

    mkdirSync(`${path}/out/many`)
    for (let i = 0; i < 5000; i++) writeFileSync(`${path}/out/many/${i}.html`, String(i))
    await until(() => watching.reloads() > 0, 'a reload')
    await quiet(watching.reloads)
    t.ok(watching.reloads() <= reloads, `${watching.reloads()} reloads`)
  })
}

test('a page written in two halves 30 ms apart ends on the whole page, in at most two reloads', async t => {
  const { at, write } = folder(t, { 'index.html': '<p>old' })
  const { tab, url } = await startApp(t, { root: at('') })
  for (let run = 0; run < RUNS; run++) {
    const { reloads, got, socket } = await tab()
    const whole = `<!doctype html><p>${run}</p>`.padEnd(2000, `-${run}`)
    let shown = ''
    // What a tab does: it asks for the page again when it is told to.
    socket.on('message', async data => {
      if ((JSON.parse(String(data)) as { type: string }).type === 'reload') shown = await read(url)
    })
    write('index.html', whole.slice(0, 1000))
    await sleep(30)
    write('index.html', whole)
    await until(() => shown === whole, `the whole page (${got.length} messages)`)
    await quiet(reloads, 300)
    t.ok(reloads() <= 2, `${reloads()} reloads`)
    socket.terminate()
  }
})

test('saves every 20 ms: the tab keeps up and ends right', async t => {
  const { at } = folder(t, { 'index.html': '0' })
  const { tab, url } = await startApp(t, { root: at('') })
  const { socket } = await tab()
  let shown = 0
  const behind: number[] = []
  const saved = new Map<number, number>()
  socket.on('message', async data => {
    if ((JSON.parse(String(data)) as ReloadMessage).type === 'reload') shown = Math.max(shown, Number(await read(url)))
  })
  let last = 0
  const seen = setInterval(() => {
    // How old is the newest save that the tab does not show yet?
    const next = saved.get(shown + 1)
    if (next !== undefined) behind.push(performance.now() - next)
  }, 5)
  for (const end = performance.now() + times(2000, 5000); performance.now() < end;) {
    await writeFile(at('index.html'), String(++last))
    saved.set(last, performance.now())
    await sleep(20)
  }
  await until(() => shown === last, 'the last content')
  clearInterval(seen)
  behind.sort((a, b) => a - b)
  t.comment(`behind: median ${Math.round(behind[behind.length >> 1] ?? 0)} ms, most ${Math.round(behind.at(-1) ?? 0)} ms`)
  t.equal(shown, last)
  t.ok((behind[behind.length >> 1] ?? 0) < 3000, 'not left behind until the saving stops')
})

const shapes: [string, (at: (name: string) => string) => void, string][] = [
  ['a new nested directory and a file in it', at => { mkdirSync(at('root/a/b/c/d'), { recursive: true }); writeFileSync(at('root/a/b/c/d/page.html'), '1') }, 'root/a/b/c/d/page.html'],
  ['a tree renamed in', at => { mkdirSync(at('tree/x/y'), { recursive: true }); writeFileSync(at('tree/x/y/page.html'), '1'); renameSync(at('tree'), at('root/tree')) }, 'root/tree/x/y/page.html'],
  ['the root removed and recreated', at => { rmSync(at('root'), { recursive: true }); mkdirSync(at('root')); writeFileSync(at('root/page.html'), '1') }, 'root/page.html'],
  ['the root, a symbolic link, pointed elsewhere', at => {
    mkdirSync(at('release2/sub'), { recursive: true })
    writeFileSync(at('release2/sub/page.html'), '1')
    symlinkSync('release2', at('next'))
    renameSync(at('next'), at('current'))
  }, 'current/sub/page.html']
]

for (const backend of BACKENDS) {
  for (const [name, act, later] of shapes) {
    test(`${name}: reported, and later edits seen (${backend})`, async t => {
      for (let run = 0; run < RUNS; run++) {
        await t.test(`run ${run + 1}`, async t => {
          const { at } = folder(t, { 'root/index.html': 'x', 'release1/index.html': 'x' })
          symlinkSync('release1', at('current'))
          const { tab } = await startApp(t, { root: at(later.startsWith('current') ? 'current' : 'root'), backend, pollInterval: 50 })
          const { reloads } = await tab()
          act(at)
          await until(reloads, 'told')
          await quiet(reloads, 200)
          const before = reloads()
          await writeFile(at(later), '2')
          await until(() => reloads() > before, 'a later edit')
          t.equal(await readFile(at(later), 'utf8'), '2')
        })
      }
    })
  }
}
