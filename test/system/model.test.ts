// A random model: trees, roots, builds and tabs change in any order. When it is quiet, every tab shows what the server would send it now.
// LIVE_RELOAD_SEED repeats a run that failed.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type Test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { look, ModelTab } from '../support/model-tab.js'
import { times } from '../support/times.js'

const MINUTES = times(1, 60)
const STEPS = 40
/** What was told late is told by then. An audit of an idle watch comes later, so nothing is found by that alone. */
const QUIET_MS = 15_000
/** More loads than this without a change are an endless reload. */
const MAX_QUIET_LOADS = 10

/** Mulberry32: the same numbers for the same seed. */
function random (seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T }
}

const page = (text: string) => `<!doctype html><html><head></head><body>${text}</body></html>`
const DIRECTORIES = ['site', 'site/d', 'site/d/e', 'views', 'views/part', 'src']
const NAMES = ['a.html', 'b.html', 'style.css', 'other.css']
const PAGES = ['/a.html', '/b.html', '/d/a.html', '/d/e/b.html', '/rendered/a.html', '/rendered/part/b.html', '/built/a.html', '/built/b.html']
const SHEETS = ['/style.css', '/d/style.css', '/other.css', '/built/style.css']

class Model {
  readonly log: string[] = []
  readonly tabs: ModelTab[] = []
  readonly #root: string
  readonly #port: number
  readonly #isPolled: boolean
  readonly #random: ReturnType<typeof random>
  #count = 0

  constructor (root: string, port: number, isPolled: boolean, { below, pick }: ReturnType<typeof random>) {
    this.#isPolled = isPolled
    this.#root = root
    this.#port = port
    this.#random = { below, pick }
  }

  async step (): Promise<void> {
    const { below, pick } = this.#random
    const actions = [this.#write, this.#write, this.#write, this.#atomic, this.#remove, this.#rename, this.#undo, this.glimpse, this.#flash, this.#burst, this.#removeTree, this.#moveTree, this.#fail,
      this.#open, this.#open, this.#open, this.#sleep, this.#leave]
    const action = pick(actions)
    await action.call(this)
    await pause(pick([0, 0, 1, 5, 20, 80, 200]) * below(2))
  }

  async close (): Promise<void> {
    for (const tab of this.tabs) await tab.close()
  }

  #note (text: string): void {
    this.log.push(`${Math.round(performance.now())}: ${text}`)
  }

  #path (): string { return join(this.#root, this.#random.pick(DIRECTORIES), this.#random.pick(NAMES)) }

  #put (path: string, text = page(`${path.slice(this.#root.length)} ${++this.#count}`)): void {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  #write (): void {
    const path = this.#path()
    this.#note(`write ${path}`)
    this.#put(path)
  }

  #atomic (): void {
    const path = this.#path()
    this.#note(`move into place ${path}`)
    this.#put(`${path}.3f2a`)
    renameSync(`${path}.3f2a`, path)
  }

  #remove (): void {
    const path = this.#path()
    this.#note(`remove ${path}`)
    rmSync(path, { force: true })
  }

  #rename (): void {
    const [from, to] = [this.#path(), this.#path()]
    this.#note(`rename ${from} to ${to}`)
    mkdirSync(dirname(to), { recursive: true })
    try {
      renameSync(from, to)
    } catch { /* it is not there */ }
  }

  /** A file changes, or vanishes, and is as it was a moment later. */
  async #undo (): Promise<void> {
    const path = this.#path()
    let before: string
    try {
      before = readFileSync(path, 'utf8')
    } catch {
      return
    }
    this.#note(`change and restore ${path}`)
    if (this.#random.below(2) === 0) this.#put(path)
    else rmSync(path)
    await pause(this.#random.pick([1, 10, 40, 90]))
    this.#put(path, before)
  }

  /** The same, and a tab loads a page that is made of it in between. A file that was not there vanishes again. */
  async glimpse (): Promise<void> {
    const { below, pick } = this.#random
    const page = pick(PAGES.filter(each => !each.startsWith('/built/')))
    const path = join(this.#root, page.startsWith('/rendered/') ? page.replace('/rendered', 'views') : `site${page}`)
    let before: string | undefined
    try {
      before = readFileSync(path, 'utf8')
    } catch {
      // What comes and goes between two comparisons is seen only where the plugin itself sends it.
      if (this.#isPolled && page.startsWith('/rendered/')) return
    }
    this.#note(`change ${path}, load ${page} and restore it`)
    this.#put(path)
    const tab = new ModelTab(this.#port, { page, sheet: pick(SHEETS), transport: pick(['ws', 'sse']) })
    this.tabs.push(tab)
    await tab.load()
    await pause(below(2) * 20)
    if (before === undefined) rmSync(path, { force: true })
    else this.#put(path, before)
  }

  async #flash (): Promise<void> {
    const path = this.#path()
    this.#note(`show ${path} for a moment`)
    this.#put(path)
    await pause(20)
    rmSync(path, { force: true })
  }

  #burst (): void {
    this.#note('burst')
    for (let i = 0; i < 40; i++) this.#put(this.#path())
  }

  #removeTree (): void {
    const path = join(this.#root, this.#random.pick(DIRECTORIES))
    this.#note(`remove the tree ${path}`)
    rmSync(path, { recursive: true, force: true })
  }

  #moveTree (): void {
    const [from, to] = [join(this.#root, this.#random.pick(DIRECTORIES)), join(this.#root, this.#random.pick(DIRECTORIES))]
    if (to.startsWith(from)) return
    this.#note(`move the tree ${from} to ${to}`)
    rmSync(to, { recursive: true, force: true })
    mkdirSync(dirname(to), { recursive: true })
    try {
      renameSync(from, to)
    } catch { /* it is not there */ }
  }

  #fail (): void {
    this.#note('break or mend the build')
    this.#put(join(this.#root, 'src/broken'), this.#random.pick(['yes', 'no', 'no']))
  }

  #open (): void {
    const { pick } = this.#random
    const tab = new ModelTab(this.#port, { page: pick(PAGES), sheet: pick(SHEETS), transport: pick(['ws', 'sse']) })
    this.#note(`open ${tab.page} with ${tab.sheet} over ${tab.transport}`)
    this.tabs.push(tab)
    tab.load()
  }

  #sleep (): void {
    const tab = this.tabs[this.#random.below(this.tabs.length)]
    const ms = this.#random.pick([0, 50, 300])
    if (tab !== undefined) this.#note(`break the connection of ${tab.page} for ${ms} ms`)
    tab?.sleep(ms)
  }

  #leave (): void {
    const [tab] = this.tabs.splice(this.#random.below(this.tabs.length), 1)
    if (tab !== undefined) this.#note(`close ${tab.page}`)
    tab?.close()
  }
}

/** Copies the sources, unless one says that the build is broken. */
async function build (root: string): Promise<void> {
  const files = readdirSync(join(root, 'src')).filter(name => NAMES.includes(name)).map(name => [name, readFileSync(join(root, 'src', name), 'utf8')] as const)
  await pause(30)
  if (readFileSync(join(root, 'src/broken'), 'utf8') === 'yes') throw new Error('broken')
  mkdirSync(join(root, 'dist'), { recursive: true })
  for (const name of NAMES) {
    const file = files.find(([each]) => each === name)
    if (file === undefined) rmSync(join(root, 'dist', name), { force: true })
    else writeFileSync(join(root, 'dist', name), file[1])
  }
}

/** Which tabs do not show what the server sends now. */
async function stale (port: number, tabs: readonly ModelTab[]): Promise<string[]> {
  const found = await Promise.all(tabs.map(async tab => {
    const [shown, style] = await Promise.all([look(port, tab.page, true), look(port, tab.sheet, false)])
    const wrong = [
      ...shown.status !== tab.shown.status || shown.text !== tab.shown.text ? [`shows ${tab.shown.status} ${tab.shown.text}, not ${shown.status} ${shown.text}`] : [],
      ...shown.status === 200 && (style.status !== tab.style.status || style.text !== tab.style.text) ? [`has ${tab.sheet} ${tab.style.status} ${tab.style.text}, not ${style.status} ${style.text}`] : []
    ]
    return wrong.map(text => `${tab.page} (${tab.transport}) ${text}; it was told:\n    ${tab.told.slice(-8).join('\n    ')}`)
  }))
  return found.flat()
}

/** The sources as they are, and what was built of them. */
function unbuilt (root: string): string[] {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(root, path), 'utf8')
    } catch {
      return undefined
    }
  }
  if (read('src/broken') !== 'no') return []
  return NAMES.filter(name => read(`src/${name}`) !== read(`dist/${name}`)).map(name => `dist/${name} was not built of its source`)
}

async function run (t: Test, seed: number): Promise<boolean> {
  const dice = random(seed)
  const [backend, debounce] = [dice.pick(['native', 'poll'] as const), dice.pick([0, 0, 100])]
  const f = folder(t, { 'src/broken': 'no', 'dist/a.html': page('none') })
  for (const directory of DIRECTORIES) for (const name of NAMES) f.write(`${directory}/${name}`, page('0'))
  const { app, port } = await startApp(t, {
    backend,
    debounce,
    pollInterval: 100,
    root: [f.at('site'), { path: f.at('dist'), prefix: '/built/' }],
    watch: f.at('views'),
    build: { name: 'copy', source: f.at('src'), builder: () => build(f.path) }
  }, {
    server: { logger: false },
    after: app => app.get('/rendered/*', async (request, reply) => reply.type('text/html').send(await readFile(join(f.at('views'), (request.params as { '*': string })['*']), 'utf8')))
  })
  const model = new Model(f.path, port, backend === 'poll', dice)
  for (let step = 0; step < STEPS; step++) await model.step()
  // No later change hides what this one leaves behind.
  await pause(dice.pick([0, 100, 700]))
  await model.glimpse()

  // What changes in a root during a build that fails waits for a good one.
  f.write('src/broken', 'no')
  const deadline = performance.now() + QUIET_MS
  let wrong: string[]
  do {
    await pause(100)
    wrong = [...await stale(port, model.tabs), ...unbuilt(f.path)]
  } while (wrong.length > 0 && performance.now() < deadline)
  const loads = model.tabs.map(tab => tab.loads)
  await pause(300)
  for (const [i, tab] of model.tabs.entries()) if (tab.loads - (loads[i] ?? 0) > MAX_QUIET_LOADS) wrong.push(`${tab.page} reloads without end`)
  await model.close()
  await app.close()
  rmSync(f.path, { recursive: true, force: true })
  for (const line of wrong.length > 0 ? [...model.log, ...wrong.flatMap(text => text.split('\n')), JSON.stringify(app.liveReload.status())] : []) t.comment(line)
  if (wrong.length > 0) t.fail(`LIVE_RELOAD_SEED=${seed} (${backend}, debounce ${debounce})`)
  return wrong.length === 0
}

test(`after any ${STEPS} changes every tab shows what is there, for ${MINUTES} min`, { timeout: (MINUTES + 2) * 60_000 }, async t => {
  const given = process.env.LIVE_RELOAD_SEED
  const first = given === undefined ? Date.now() % 1_000_000_000 : Number(given)
  const end = performance.now() + MINUTES * 60_000
  let runs = 0
  for (;;) {
    if (!await run(t, first + runs)) return
    runs++
    if (given !== undefined || performance.now() > end) break
  }
  t.pass(`${runs} runs, the first with the seed ${first}`)
})
