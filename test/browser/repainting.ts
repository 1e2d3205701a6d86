// Cases: images that change in the page without a reload.
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { asks, page, sample, site, square, stays } from './site.js'

interface Row {
  body: string
  /** What the page looks like, and what it is to look like with an image of 30 pixels instead of 20. */
  look: string
  before: unknown
  after: unknown
  files?: Record<string, string>
  head?: string
}

const background = (element = "document.querySelector('p')", name = 'background-image') => `getComputedStyle(${element}).getPropertyValue('${name}').match(/[^/]*svg[^")]*/g)`
const sizes = { look: "[...document.querySelectorAll('img')].map(img => img.naturalWidth)", before: [20], after: [30] }
const behind = { look: background(), before: ['i.svg'], after: ['i.svg?live-reload=e1.2'] }

const rows: Record<string, Row> = {
  img: { ...sizes, body: '<img src="i.svg?v=1#x">' },
  'addresses that are none': { ...sizes, body: '<img src=/i.svg><image src="http://["></image><img src="/%E0%A4%A.svg">', before: [20, 0, 0], after: [30, 0, 0] },
  'two of them, one of another image': { ...sizes, body: '<img src=/i.svg crossorigin loading=lazy decoding=async><img src=/j.svg>', before: [20, 40], after: [30, 40] },
  srcset: { ...sizes, body: '<img srcset="/j.svg 9x, /i.svg 1x, data:image/svg+xml,<svg/> .5x">' },
  'srcset without spaces, beside a source': { ...sizes, body: '<img src=/i.svg srcset="/j.svg 9.5x,/i.svg 1x,/k.svg 2x">' },
  'widths and heights in a list': { body: '<img srcset="/j.svg 9w 9h, /i.svg 9000w 50h">', look: "document.querySelector('img').currentSrc.match(/[^/]*$/)[0]", before: 'i.svg', after: 'i.svg?live-reload=e1.2' },
  picture: { ...sizes, body: '<picture><source srcset=/i.svg><img src=/j.svg></picture>' },
  'an image as a button': { body: '<input type=image src=/i.svg>', look: "document.querySelector('input').offsetWidth", before: 20, after: 30 },
  'an inline style': { ...behind, body: '<p style="background: no-repeat url(i.svg) !important; color: red">text</p>' },
  'the background of a sheet': { ...behind, body: '<p>text</p>', head: '<link rel=stylesheet href=/css/a.css>', files: { '/css/a.css': "@media all { p { background: url('../i.svg') } }" } },
  'the background of an import': { ...behind, body: '<p>text</p>', head: '<style>@import "/css/a.css";</style>', files: { '/css/a.css': 'p { background-image: url(/j.svg), url(../i.svg) }' }, before: ['j.svg', 'i.svg'], after: ['j.svg', 'i.svg?live-reload=e1.2'] },
  'a custom property': { ...behind, body: '<p style="background-image: var(--i)">text</p>', head: '<style>:root { --i: url("/i.svg") }</style>' },
  'a mask, a cursor, content, a list and keyframes': {
    body: '<p>text</p>',
    head: '<style>p { border-image-source: url(/i.svg); cursor: url(/i.svg), auto; list-style-image: url(/i.svg) } p { animation: a 1s infinite } @keyframes a { from { background-image: url(/i.svg) } }</style>',
    look: "['border-image-source', 'cursor', 'list-style-image'].map(name => getComputedStyle(document.querySelector('p')).getPropertyValue(name).includes('live-reload=e1.2')).concat(document.styleSheets[0].cssRules[2].cssText.includes('live-reload=e1.2'))",
    before: [false, false, false, false],
    after: [true, true, true, true]
  },
  'a shorthand with a variable': { ...behind, body: '<p>text</p>', head: '<style>p { --own: no-repeat; background: var(--own) url( i.svg ) !important }</style>' },
  'a shorthand with a variable, in an inline style of a link to the image': { ...behind, body: '<p style="--own: no-repeat; background: var(--own) url(\'/i.svg\')"><a href=/i.svg style="mask: url(/i.svg)">text</a></p>', look: `${background()}.concat(document.querySelector('a').getAttribute('href'))`, before: ['i.svg', '/i.svg'], after: ['i.svg?live-reload=e1.2', '/i.svg'] },
  'beside an empty variable': { ...behind, body: '<p>text</p><img src=/i.svg>', head: '<style>p { --none: ; background: url(/i.svg) }</style>' },
  'a mask and a border with variables': {
    body: '<p>text</p>',
    head: '<style>p { --own: 10; border-image: url(/i.svg) var(--own); mask: url("/j.svg"), url("") var(--none, no-repeat), url("/i.svg") }</style>',
    look: "['border-image-source', 'mask-image'].map(name => getComputedStyle(document.querySelector('p')).getPropertyValue(name).includes('i.svg?live-reload=e1.2'))",
    before: [false, false],
    after: [true, true]
  },
  'nested rules in layers, in the middle of others': {
    ...behind,
    body: '<p>text</p>',
    head: '<style>@layer low { p { background: none } } @layer high { @supports (color: red) { div { margin: 0 } body { color: red; @media all { p { background: url(/i.svg) } } } p { margin: 0 } } } @layer low { p { background: url(/j.svg) } }</style>',
    look: `${background()}.concat(document.styleSheets[0].cssRules.length, [...document.styleSheets[0].cssRules[1].cssRules[0].cssRules].map(rule => rule.selectorText))`,
    before: ['i.svg', 3, 'div', 'body', 'p'],
    after: ['i.svg?live-reload=e1.2', 3, 'div', 'body', 'p']
  },
  'an adopted sheet': { ...behind, body: '<p>text</p>', head: '<script>{ const sheet = new CSSStyleSheet(); sheet.replaceSync("p { background-image: url(/i.svg) }"); document.adoptedStyleSheets = [sheet] }</script>' },
  'a sheet that several trees have adopted': { ...behind, body: '<p>text</p><div id=host></div><script>{ const sheet = new CSSStyleSheet(); sheet.replaceSync("p { background-image: url(/i.svg) }"); host.attachShadow({ mode: "open" }).adoptedStyleSheets = document.adoptedStyleSheets = [sheet] }</script>' },
  'a shadow tree': { look: "document.querySelector('div').shadowRoot.querySelector('img').naturalWidth", before: 20, after: 30, body: '<div><template shadowrootmode=open><img src=/i.svg></template></div>' },
  'SVG use': { body: '<svg width=50 height=50><use href="/i.svg#a"/></svg>', look: "document.querySelector('use').getBBox().width", before: 20, after: 30 },
  'SVG image': { body: '<svg width=50 height=50><image xlink:href="/i.svg"/></svg>', look: "document.querySelector('image').getBBox().width", before: 20, after: 30 },
  'the poster of a video': { body: '<video poster=/i.svg></video>', look: "document.querySelector('video').offsetWidth", before: 20, after: 30 },
  'an icon': { body: '', head: '<link rel="shortcut icon" href=/i.svg sizes=any>', look: "document.querySelectorAll('link')[1].outerHTML", before: '<link rel="shortcut icon" href="/i.svg" sizes="any">', after: '<link rel="shortcut icon" href="/i.svg?live-reload=e1.2" sizes="any">' }
}

export function repainting (t: Test) {
  for (const [name, { body, look, before, after, files = {}, head = '' }] of Object.entries(rows)) {
    t.test(`images: ${name}`, async t => {
      // For as long as it lasts: only another address brings another image.
      const cached = { 'cache-control': 'public, max-age=31536000' }
      const { server, save, open, asked } = await site(t, { '/index.html': page(head, body), '/i.svg': square(20), '/j.svg': square(40), ...files }, { '/i.svg': cached })
      const tab = await open()
      await until(() => tab.page.evaluate(look).then(value => JSON.stringify(value) === JSON.stringify(before), () => false), 'the old image')
      const seen = await sample(tab, look)
      save({ '/i.svg': square(30) }, 'image')
      t.equal(await stays(server, tab), true, 'no reload')
      await until(() => tab.page.evaluate(look).then(value => JSON.stringify(value) === JSON.stringify(after)), 'the new image')
      t.same(await seen(), [before, after], 'in every frame the old or the new one')
      // Without a window nobody asks for icons.
      if (name !== 'an icon') t.ok(asked.some(path => path.startsWith('/i.svg') && path.includes('live-reload=e1.2')))
      t.match(await tab.ask('live.metrics'), { updates: 1, reloads: 0 })
      t.same(tab.errors.filter(text => !/40[04]/.test(text)), [])
    })
  }

  t.test('images: a sheet that is changed later still shows the newest image', async t => {
    const { server, save, open } = await site(t, { '/index.html': page('<link rel=stylesheet href=/a.css>', '<p>text</p>'), '/i.svg': square(20), '/a.css': 'p { background-image: url(i.svg) }' })
    const tab = await open()
    save({ '/i.svg': square(30) }, 'image')
    t.equal(await stays(server, tab), true)
    save({ '/a.css': 'p { background-image: url(i.svg); margin: 1px }' })
    t.equal(await stays(server, tab), true)
    t.same(await tab.page.evaluate(background()), ['i.svg?live-reload=e1.2'])
    t.match(await tab.page.evaluate('document.querySelectorAll("link")[1].href'), /a\.css\?live-reload=e1\.3$/)
  })

  t.test('images: one that cannot be loaded changes nothing else', async t => {
    const { server, save, open } = await site(t, { '/index.html': page('', '<p style="background-image: url(i.svg)">text</p>'), '/i.svg': square(20) })
    const tab = await open()
    save({ '/i.svg': 'broken' }, 'image')
    t.equal(await stays(server, tab), true)
    t.same(await tab.page.evaluate(background()), ['i.svg?live-reload=e1.2'])
  })

  const reloads: Record<string, string> = {
    'of a rule that no text can say': '<style>p { border: var(--own); border-left: 0; background: url(/i.svg) }</style><p>text</p>',
    'drawn by a script': '<script>new Image().src = "/i.svg"</script>',
    'in a document of its own': '<object data=/i.svg></object>',
    'fetched by a script, too': '<img src=/i.svg><script>fetch("/i.svg")</script>'
  }
  for (const [name, body] of Object.entries(reloads)) {
    t.test(`images: one ${name} is a reload`, async t => {
      const { save, open, asked } = await site(t, { '/index.html': page('', body), '/i.svg': square(20) })
      const tab = await open()
      await until(() => asked.includes('/i.svg'), 'the image')
      await tab.page.waitForLoadState('networkidle')
      await asks(tab)
      save({ '/i.svg': square(30) }, 'image')
      await tab.page.waitForFunction('window.asked === true')
    })
  }
}
