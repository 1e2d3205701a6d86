// Cases: sheets with names made from their content, in pages whose HTML is watched, too. "names" says that nothing else in it has changed.
import type { Test } from 'tap'
import type { Update } from '../../types/message.js'
import { until } from '../support/wait.js'
import { page, sample, site, stays } from './site.js'

const RED = 'rgb(200, 0, 0)'
const BLUE = 'rgb(0, 0, 200)'
const rule = (colour: string, element = 'h1') => `${element} { color: ${colour} }`
const link = (path: string) => `<link rel=stylesheet href=${path}>`
const [OLD, NEW] = ['/app-1a2b3c4d.css', '/app-9f8e7d6c.css']
/** As the server tells it: what a file was comes last. */
const OWN = [`css ${NEW} ${OLD}`, 'names /index.html', `css ${NEW}`]
const colour = "getComputedStyle(document.querySelector('h1')).color"

interface Row {
  /** The page, and more files; `app-old.css` is the sheet. */
  html: string
  files?: Record<string, string>
  told?: readonly string[]
  /** What the page is then, if more than that name is new in it. */
  now?: string
  headers?: Record<string, Record<string, string>>
  /** Done before. */
  act?: string
  look?: string
}

const shown: Record<string, Row> = {
  'of the page': { html: page(link(OLD)) },
  'with an integrity, a medium and a relative address': { html: page(`<link id=x rel="alternate stylesheet" integrity="sha256-nothing sha512-x" media=screen href=".${OLD}?v=1">${link(OLD)}`) },
  'in a page that another one takes the place of': { html: page(link(OLD)), told: [...OWN, 'names /two.html'] },
  'beside one of the same family': { html: page(link('/app-00000000.css') + link(OLD)), files: { '/app-00000000.css': rule('green') } },
  'that a script has put into a shadow tree, too': {
    html: page(link(OLD), '<script>document.body.append(Object.assign(document.createElement("div"), { id: "host" })); host.attachShadow({ mode: "open" }).append(document.querySelector("link[rel=stylesheet]").cloneNode(), document.createElement("h1"))</script>'),
    look: "[getComputedStyle(document.querySelector('h1')).color, getComputedStyle(host.shadowRoot.querySelector('h1')).color].sort().join()"
  },
  'of a page whose own file is not told': { html: page(link(OLD)), told: [`css ${NEW} ${OLD}`] },
  'beside another one of the same family with a new name': {
    html: page(link(OLD) + link('/app-00000000.css')), files: { '/app-00000000.css': 'h1 { margin: 0 }', '/app-11111111.css': 'h1 { margin: 0 }' }, told: [...OWN, 'css /app-11111111.css /app-00000000.css']
  },
  'that is imported': { html: page('<link rel=stylesheet href=/css/a.css>'), files: { '/css/a.css': `@import "..${OLD}?v=1#x" screen;` } },
  'that its address writes in another way': { html: page(link('/%61pp%2D1a2b3c4d.css')), files: { '/%61pp%2D1a2b3c4d.css': rule(RED) } }
}

const grave: Record<string, Row> = {
  'of another origin': { html: page(link(`http://localhost:1${OLD}`)) },
  'that a script took out': { html: page(link(OLD)), act: 'document.querySelector("link[rel=stylesheet]").remove()' },
  'of a page that does not know its file': { html: page(link(OLD)), headers: { '/index.html': { 'server-timing': '' } } },
  'of a page whose text has changed': { html: page(link(OLD)), now: page(link(NEW), 'new'), told: ['html /index.html', `css ${NEW}`, `css ${NEW} ${OLD}`] },
  'of a page that a script has fetched': { html: page(link(OLD)), files: { '/two.html': '' }, act: 'fetch("/two.html").then(response => response.text())', told: [...OWN, 'names /two.html'] },
  'of a page that has fetched itself': { html: page(link(OLD)), act: 'fetch("/index.html").then(response => response.text())' }
}

export function renaming (t: Test) {
  const start = async (t: Test, { html, files = {}, now = html.replaceAll(OLD, NEW), headers, told = OWN, act }: Row) => {
    const at = await site(t, { ...files, '/index.html': html, [OLD]: rule(RED) }, headers)
    const tab = await at.open()
    if (act) await tab.page.evaluate(act)
    await tab.snapshot()
    let last = OLD
    const save = (name: string, colour: string) => {
      Object.assign(at.files, { '/index.html': html === now ? html : now.replaceAll(NEW, name), [name]: rule(colour) })
      at.tell({ type: 'update', updates: told.map(one => one.replace(OLD, last).replace(NEW, name).split(' ') as [Update['kind'], string, string?]).map(([kind, path, was]) => ({ kind, path, ...was && { was } })) })
      last = name
    }
    return { ...at, tab, save }
  }

  for (const [name, row] of Object.entries(shown)) {
    t.test(`names: a sheet ${name}`, async t => {
      const { server, tab, save, files } = await start(t, row)
      const { look = colour } = row
      const value = (one: string) => look === colour ? one : `${one},${one}`
      await until(() => tab.page.evaluate(look).then(now => now === value(RED)), 'the old style')
      const seen = await sample(tab, look)
      save(NEW, BLUE)
      t.equal(await stays(server, tab), true, 'no reload')
      delete files[OLD]
      save('/app-55555555.css', RED)
      t.equal(await stays(server, tab), true, 'and again')
      delete files[NEW]
      save(OLD, BLUE)
      t.equal(await stays(server, tab), true, 'and by a name it had before')
      t.same(await seen(), [RED, BLUE, RED, BLUE].map(value), 'in every frame one of the styles')
      t.match(await tab.ask('live.metrics'), { updates: 3, reloads: 0 })
      t.equal(server.loads.length, 1)
    })
  }

  t.test('names: several that were missed', async t => {
    const { server, open, tell } = await site(t, { '/index.html': page(link(OLD)), [OLD]: rule(RED), [NEW]: rule(BLUE) })
    const tab = await open()
    const change = (seq: number, was: string, path: string) => ({ type: 'update' as const, seq, updates: [{ kind: 'names' as const, path: '/index.html' }, { kind: 'css' as const, path, was }] })
    server.changes = [change(2, OLD, '/app-gone.css'), change(3, '/app-gone.css', OLD), change(4, OLD, '/app-22222222.css'), change(5, '/app-22222222.css', NEW)]
    server.seq = 5
    for (const socket of server.sockets) socket.terminate()
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate(colour), BLUE)
    tell(change(6, '/app-other.css', '/app-new.css'))
    t.equal(await stays(server, tab), true, 'that of another page')
    t.equal(await tab.page.evaluate(colour), BLUE)
  })

  t.test('names: several that were missed, behind what a proxy cuts off', async t => {
    const names = [OLD, '/app-22222222.css', NEW]
    const files = Object.fromEntries(names.map((name, i) => [`/p${name}`, rule(i === 2 ? BLUE : RED)]))
    const headers = Object.fromEntries(names.map(name => [`/p${name}`, { 'server-timing': `file;desc="${name}"` }]))
    const { server, open } = await site(t, { '/index.html': page(link(`/p${OLD}`)), ...files }, headers)
    const tab = await open()
    server.changes = [1, 2].map(i => ({ type: 'update', seq: i + 1, updates: [{ kind: 'css', path: names[i] as string, was: names[i - 1] as string }] }))
    server.seq = 3
    for (const socket of server.sockets) socket.terminate()
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate(colour), BLUE)
  })

  for (const [name, row] of Object.entries(grave)) {
    t.test(`names: a sheet ${name} is a reload`, async t => {
      const { server, tab, save } = await start(t, row)
      save(NEW, BLUE)
      t.equal(await stays(server, tab), false)
    })
  }
}
