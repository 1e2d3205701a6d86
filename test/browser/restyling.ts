// Cases: style sheets that take their predecessors' place without a reload.
import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { asks, page, sample, site, stays } from './site.js'

const red = 'h1 { color: rgb(200, 0, 0) }'
const blue = 'h1 { color: rgb(0, 0, 200) }'
const RED = 'rgb(200, 0, 0)'
const BLUE = 'rgb(0, 0, 200)'
const colour = (element = "document.querySelector('h1')") => `getComputedStyle(${element}).color`
const inShadow = "document.querySelector('div').shadowRoot.querySelector('p')"
const shadow = (html: string) => page('', `<div><template shadowrootmode="open">${html}<p>text</p></template></div>`)

interface Row {
  files: Record<string, string>
  /** What changes; all of it at once. */
  change: Record<string, string>
  /** Red before, blue after. */
  look?: string
  headers?: Record<string, Record<string, string>>
}

const rows: Record<string, Row> = {
  'a link': { files: { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': red }, change: { '/a.css': blue } },
  'a link with a query and a relative address': { files: { '/index.html': page('<base href=/x/><link rel="preload stylesheet" as=style href="../a%20b.css?v=1&amp;w">'), '/a b.css': red, '/a%20b.css': red }, change: { '/a%20b.css': blue } },
  'a link that is cached for ever': { files: { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': red }, change: { '/a.css': blue }, headers: { '/a.css': { 'cache-control': 'public, max-age=31536000, immutable' } } },
  'its predecessor had an integrity': { files: { '/index.html': page(`<link rel=stylesheet href=/a.css integrity="sha256-${createHash('sha256').update(red).digest('base64')}">`), '/a.css': red }, change: { '/a.css': blue } },
  'two of them, in their order': { files: { '/index.html': page('<link rel=stylesheet href=/a.css><link rel=stylesheet href=/b.css>'), '/a.css': 'h1 { color: green }', '/b.css': red }, change: { '/b.css': blue, '/a.css': 'h1 { color: yellow }' } },
  'an import': { files: { '/index.html': page('<link rel=stylesheet href=/css/a.css>'), '/css/a.css': '@import "parts/b.css";', '/css/parts/b.css': red }, change: { '/css/parts/b.css': blue } },
  'an import of an import of an import': {
    files: { '/index.html': page('<link rel=stylesheet href=/css/a.css>'), '/css/a.css': '@import "parts/b.css";', '/css/parts/b.css': '@import url(../more/c.css) screen;', '/css/more/c.css': "@import './d.css';", '/css/more/d.css': red },
    change: { '/css/more/d.css': blue }
  },
  'an import with imports of its own': {
    files: { '/index.html': page('<link rel=stylesheet href=/css/a.css>'), '/css/a.css': '@import "parts/b.css"; @import "missing.css";', '/css/parts/b.css': '@import "c.css"; @import "gone.css"; h1 { margin: 1px }', '/css/parts/c.css': red },
    change: { '/css/parts/b.css': '@import "c.css"; h1 { margin: 2px }', '/css/parts/c.css': blue },
    headers: { '/css/parts/c.css': { 'cache-control': 'public, max-age=31536000' } }
  },
  'an import and the sheet that imports it, cached for ever': {
    files: { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': '@import "b.css"; h1 { margin: 1px }', '/b.css': red },
    change: { '/a.css': '@import "b.css"; h1 { margin: 2px }', '/b.css': blue },
    headers: { '/b.css': { 'cache-control': 'public, max-age=31536000' } }
  },
  'an import in a layer, under a condition': {
    files: { '/index.html': page('<style>@layer low, high; @import url(/b.css) layer(high) supports(display: grid) screen; @layer low { h1 { color: green } }</style>'), '/b.css': red },
    change: { '/b.css': blue }
  },
  'an import of a style element': { files: { '/index.html': page('<style>@import "/b.css"; h1 { margin: 1px }</style>'), '/b.css': red }, change: { '/b.css': blue } },
  'a link in a shadow tree': { files: { '/index.html': shadow('<link rel=stylesheet href=/a.css>'), '/a.css': red.replace('h1', 'p') }, change: { '/a.css': blue.replace('h1', 'p') }, look: colour(inShadow) },
  'an import of a style element in a shadow tree': { files: { '/index.html': shadow('<style>@import "/a.css";</style>'), '/a.css': red.replace('h1', 'p') }, change: { '/a.css': blue.replace('h1', 'p') }, look: colour(inShadow) },
  'an import of a style element in an SVG document': {
    files: { '/index.html': '<svg xmlns="http://www.w3.org/2000/svg"><script xmlns="http://www.w3.org/1999/xhtml" src="/__live/client.js?v=1" data-live-reload="e1:1" data-token="secret"/><style>@import "/a.css";</style><text>text</text></svg>', '/a.css': red.replace('h1', 'text') },
    change: { '/a.css': blue.replace('h1', 'text') },
    look: colour("document.querySelector('text')"),
    headers: { '/index.html': { 'content-type': 'image/svg+xml' } }
  },
  'a link in a frame': {
    files: { '/index.html': page('', '<iframe src=/inner.html></iframe>'), '/inner.html': '<link rel=stylesheet href=/a.css><h1>inner</h1>', '/a.css': red },
    change: { '/a.css': blue },
    look: colour("document.querySelector('iframe').contentDocument.querySelector('h1')")
  }
}

export function restyling (t: Test) {
  for (const [name, { files, change, look = colour(), headers }] of Object.entries(rows)) {
    t.test(`css: ${name}`, async t => {
      const { server, save, open, files: now } = await site(t, { ...files }, headers)
      const tab = await open()
      await until(() => tab.page.evaluate(look).then(value => value === RED), 'the old style')
      const seen = await sample(tab, look)
      save(change)
      t.equal(await stays(server, tab), true, 'no reload')
      t.same(await seen(), [RED, BLUE], 'in every frame the old or the new style')
      t.match(await tab.ask('live.metrics'), { updates: 1, reloads: 0 })
      await until(() => server.heard.length > 0, 'what the page says')
      t.match(server.heard, [{ seq: 2, kind: 'update', ms: Number }])
      t.equal(server.loads.length, files['/inner.html'] ? 2 : 1)
      t.same(tab.errors.filter(text => !text.includes('404')), [])
      // Again: what was shown once can be shown twice.
      save(Object.fromEntries(Object.keys(change).map(path => [path, (now[path] as string).replaceAll(BLUE, RED)])))
      t.equal(await stays(server, tab), true, 'and again')
      t.same((await seen()).at(-1), RED)
    })
  }

  for (const [name, address] of [['its own server', '/none.css'], ['another server', 'http://127.0.0.1:1/fonts.css']] as const) {
    t.test(`css: a link whose sheet imports what ${name} does not give`, async t => {
      const sheet = (style: string) => `@import "${address}"; ${style}`
      const { server, save, open } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': sheet(red) })
      const tab = await open()
      await until(() => tab.page.evaluate(colour()).then(value => value === RED), 'the old style')
      const seen = await sample(tab, colour())
      save({ '/a.css': sheet(blue) })
      t.equal(await stays(server, tab), true, 'no reload')
      t.same(await seen(), [RED, BLUE])
    })
  }

  t.test('css: what a link says about its sheet stays', async t => {
    const { server, save, open } = await site(t, {
      '/index.html': page('<link rel=stylesheet href=/a.css id=one class="x y" media="screen and (min-width: 1px)" crossorigin=anonymous referrerpolicy=origin nonce=secret data-x=1 title=main>' +
        '<link rel="alternate stylesheet" title=other href=/a.css id=two><link rel=stylesheet href=/a.css disabled id=three><link rel=stylesheet href=/a.css id=four><style>h1 { color: rgb(0, 0, 200) }</style>'),
      '/a.css': red
    })
    const tab = await open()
    await tab.page.evaluate("document.querySelector('#four').sheet.disabled = true")
    const look = () => tab.page.evaluate('[...document.querySelectorAll("link")].slice(1).map(link => [link.id, link.outerHTML.replace(/[?]live-reload=e1[.][0-9]+/, ""), link.nonce, link.sheet?.disabled])')
    const before = await look()
    const seen = await sample(tab, colour())
    save({ '/a.css': 'h1 { color: green }' })
    t.equal(await stays(server, tab), true)
    t.same(await look(), before)
    t.same(await seen(), [BLUE], 'what was off was on in no frame')
  })

  t.test('css: a sheet that was not there, or was another one than its integrity says', async t => {
    const { server, save, open } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.css media=screen><link rel=stylesheet href=/b.css integrity="sha256-nothing">'), '/b.css': '' })
    const tab = await open()
    save({ '/a.css': red, '/b.css': 'h1 { margin: 7px }' })
    t.equal(await stays(server, tab), true)
    await until(() => tab.page.evaluate(`${colour()} + getComputedStyle(document.querySelector('h1')).margin`).then(value => value === `${RED}7px`), 'the styles')
  })

  t.test('css: what a sheet names in the page itself stays in it', async t => {
    const svg = '<svg><linearGradient id=g><stop stop-color=red /></linearGradient><rect id=r width=9 height=9 /><use href="#r"/></svg>'
    const { server, save, open, tell } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.css>', svg), '/a.css': 'rect { fill: url(#g); --own: url( "#g" ) }' })
    const tab = await open('/index.html')
    save({ '/a.css': 'rect { fill: url(#g); --own: url( "#g" ); color: rgb(0, 0, 200) }' })
    t.equal(await stays(server, tab), true)
    tell({ type: 'update', updates: [{ kind: 'names', path: '/index.html' }, { kind: 'css', path: '/a.css' }] })
    t.equal(await stays(server, tab), true)
    const look = "[getComputedStyle(document.querySelector('rect')).color, getComputedStyle(document.querySelector('rect')).fill, document.querySelector('use').getAttribute('href')]"
    t.same(await tab.page.evaluate(look), [BLUE, 'url("#g")', '#r'])
  })

  t.test('css: fonts', async t => {
    const { server, save, open, asked } = await site(t, { '/index.html': page('<link rel=stylesheet href=/css/a.css>'), '/css/a.css': '@media all { @font-face { font-family: own; src: url(own.woff2) } } h1 { font-family: own }', '/css/own.woff2': 'one' })
    const tab = await open()
    await until(() => asked.includes('/css/own.woff2'), 'the font')
    save({ '/css/own.woff2': 'two' })
    t.equal(await stays(server, tab), true)
    t.ok(asked.includes('/css/own.woff2?live-reload=e1.2'))
    t.match(await tab.page.evaluate('document.styleSheets[0].cssRules[0].cssRules[0].cssText'), /own\.woff2\?live-reload=e1\.2/)
    t.equal(await tab.page.evaluate('document.styleSheets[0].cssRules[0].cssRules.length'), 1)
  })

  t.test('css: a server that was started anew counts anew: neither the page nor a cache takes its change for an old one', async t => {
    const { server, save, open, asked } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': red }, { '/a.css': { 'cache-control': 'public, max-age=31536000' } })
    const tab = await open()
    await asks(tab)
    save({ '/a.css': 'h1 { color: green }' })
    t.equal(await stays(server, tab), true)
    await server.kill()
    Object.assign(server, { epoch: 'e2', seq: 1 })
    await server.start()
    await until(() => tab.ask('live.epoch === "e2" && live.state === "open"'), 'the other process')
    save({ '/a.css': blue })
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate(colour()), BLUE)
    t.same(asked, ['/a.css', '/a.css?live-reload=e1.2', '/a.css?live-reload=e2.2'])
  })

  const reloads: Record<string, Record<string, string>> = {
    'constructed from what a script fetched': { '/index.html': page('<script>onload = async () => { const sheet = new CSSStyleSheet(); sheet.replaceSync(await (await fetch("/a.css")).text()); document.adoptedStyleSheets = [sheet] }</script>'), '/a.css': red },
    'imported by a module': { '/index.html': page('<link rel=stylesheet href=/b.css><script type=module>import sheet from "/a.css" with { type: "css" }; document.adoptedStyleSheets = [sheet]</script>'), '/a.css': red, '/b.css': '' },
    'behind a closed shadow tree': { '/index.html': page('<script>onload = () => { const link = document.createElement("link"); link.rel = "stylesheet"; link.href = "/a.css"; document.body.attachShadow({ mode: "closed" }).append(link, document.querySelector("h1")) }</script>'), '/a.css': red },
    'that does not load any more': { '/index.html': page('<link rel=stylesheet href=/a.css>'), '/a.css': red },
    'imported, that does not load any more': { '/index.html': page('<link rel=stylesheet href=/b.css><style>@import "/a.css";</style>'), '/b.css': '', '/a.css': red }
  }
  for (const [name, files] of Object.entries(reloads)) {
    t.test(`css: a sheet ${name} is a reload`, async t => {
      const { server, save, open, asked } = await site(t, { ...files })
      const tab = await open()
      await until(() => asked.some(path => path.startsWith('/a.')), 'the sheet')
      await asks(tab)
      if (name.includes('more')) server.answer = () => ({ status: 404, body: '' })
      save({ '/a.css': blue })
      await tab.page.waitForFunction('window.asked === true')
    })
  }

  t.test('css: a page that still names the old sheet is not given the new one', async t => {
    const { server, save, open } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.1a2b3c4d.css>'), '/a.1a2b3c4d.css': red })
    const tab = await open()
    save({ '/a.9f8e7d6c.css': blue })
    t.equal(await stays(server, tab), true)
    t.equal(await tab.page.evaluate(colour()), RED)
    t.match(await tab.ask('live.metrics'), { updates: 0, reloads: 0 })
  })
}
