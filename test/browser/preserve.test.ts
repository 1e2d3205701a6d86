// State over a reload, in real Chromium: every kind of it, on pages that change meanwhile and that come in pieces.
import { test } from 'tap'
import { PATIENT } from '../support/browser.js'
import { until } from '../support/wait.js'
import { missesIn } from './coverage.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { openScene } from './island.js'
import { openTab, type Tab } from './tab.js'

// Chromium itself brings back fields, but not those of a form that says no.
const html = (body: string, head = '') => `<!doctype html><html><head><meta charset="utf-8">TAG<title>page</title>${head}</head><body>${body}</body></html>`
const form = (body: string) => `<form autocomplete="off">${body}</form>`
const $ = (selector: string) => `document.querySelector(${JSON.stringify(selector)})`

const ROWS = '<p style="height:60px">row</p>'.repeat(40)
const BOX = 'style="height:100px;width:100px;overflow:auto"'
const SOUND = `const rate = 8000, bytes = new Uint8Array(44 + 60 * rate).fill(128), view = new DataView(bytes.buffer)
  const text = (at, s) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  text(0, "RIFF"), view.setUint32(4, bytes.length - 8, true), text(8, "WAVEfmt "), view.setUint32(16, 16, true), view.setUint16(20, 1, true), view.setUint16(22, 1, true)
  view.setUint32(24, rate, true), view.setUint32(28, rate, true), view.setUint16(32, 1, true), view.setUint16(34, 8, true), text(36, "data"), view.setUint32(40, 60 * rate, true)
  const clip = new Blob([bytes], { type: "audio/wav" })`
const VIDEO = `<video id="clip"></video><script>${SOUND}; document.querySelector("video").src = URL.createObjectURL(clip)</script>`

// Fields that are not in the document's own tree when it has loaded.
const FIELD = (name: string) => `[document, ${$('my-box')}.shadowRoot].map(tree => tree.querySelector("[name=${name}]")).find(Boolean)`
const SHADOW = (text: string) => `<my-box></my-box><script>${$('my-box')}.attachShadow({ mode: "open" }).innerHTML = \`<form autocomplete="off"><input name="inner" type="password"><input name="free"></form>\`; ${$('my-box')}.shadowRoot.querySelector("[name=free]").value = "${text}"</script>`
const LATE_SECRETS = `${SHADOW('')}<form autocomplete="off"></form><script>addEventListener("load", () => setTimeout(() => setTimeout(() => { ${$('form')}.innerHTML = "<input name=late type=password>" })))</script>`

interface Case {
  readonly body: string
  /** The page after the change; the same, unless said. */
  readonly next?: string
  readonly act: string | ((tab: Tab) => Promise<unknown>)
  readonly ask: string
  readonly want: unknown
}

const type = (selector: string, text: string) => async ({ page }: Tab) => {
  await page.click(selector)
  await page.keyboard.press('End')
  await page.keyboard.type(text)
}

// What shows something although its HTML names nothing, and what the page's own scripts make of it.
const BARE = (range: string, colour: string, options: string) => form(`<input type="range" name="r" ${range}><input type="color" name="c" ${colour}><input type="number" name="n" value="none"><select name="s"><option disabled>choose</option>${options}</select>`)
const OWN = (text: string, option: string) => form('<input name="a"><textarea name="b" readonly></textarea><input name="c" disabled><input type="checkbox" name="d"><select name="e"><option>one<option>two</select><select name="f" multiple><option selected>one<option>two</select><input name="g">') +
  `<script>(form => { for (const name of ["a", "b", "c"]) form[name].value = "${text}"; form.d.checked = ${option === 'one'}; form.e.value = "${option}"; addEventListener("load", () => { form.g.value = "${text}" }) })(document.forms[0])</script>`
const values = '[...document.querySelectorAll("input,textarea,select")].map(one => one.type === "checkbox" ? one.checked : one.value)'

const CASES: Record<string, Case> = {
  'a text': { body: form('<input name="a" value="x">'), act: type('input', 'yz'), ask: `${$('input')}.value`, want: 'xyz' },
  'a text area': { body: form('<textarea name="a">x</textarea>'), act: type('textarea', 'yz\n\nend'), ask: `${$('textarea')}.value`, want: 'xyz\n\nend' },
  'fields without a name or an id': { body: form('<div><input></div><div><input><input></div>'), act: 'document.querySelectorAll("input")[2].value = "third"', ask: '[...document.querySelectorAll("input")].map(({ value }) => value)', want: ['', '', 'third'] },
  'a named field where others come before it': { body: form('<input name="a"><input name="b">'), next: form('<p>new</p><input name="new"><div><input name="a"><input name="b"></div>'), act: `${$('[name=b]')}.value = "of b"`, ask: '[...document.querySelectorAll("input")].map(({ value }) => value)', want: ['', '', 'of b'] },
  'a field without a name where others come elsewhere': { body: form('<div><p><input></p></div><ul><li><input></ul>'), next: form('<div><p><input><input></p><p><input></p></div><ul><li><input></ul>'), act: `${$('li input')}.value = "of the list"`, ask: '[...document.querySelectorAll("input")].map(({ value }) => value)', want: ['', '', '', 'of the list'] },
  'a form whose fields are named like its own properties': { body: form(['id', 'name', 'children', 'matches', 'parentNode', 'reset', 'elements'].map(name => `<input name="${name}">`).join('')), act: 'document.querySelectorAll("input").forEach((input, i) => { input.value = i })', ask: '[...document.querySelectorAll("input")].map(({ value }) => value)', want: ['0', '1', '2', '3', '4', '5', '6'] },
  'numbers, dates, ranges, colours': {
    body: form('<input type="number" name="n"><input type="date" name="d"><input type="range" name="r"><input type="color" name="c">'),
    act: '(set => { set("n", "12"); set("d", "2026-11-21"); set("r", "73"); set("c", "#00ff00") })((name, value) => { document.querySelector("[name=" + name + "]").value = value })',
    ask: '[...document.querySelectorAll("input")].map(({ value }) => value)',
    want: ['12', '2026-11-21', '73', '#00ff00']
  },
  'an edit of the page where nobody typed': { body: form('<input name="a" value="old"><select name="s"><option>one<option>two</select>'), next: form('<input name="a" value="new"><select name="s"><option>one<option selected>two</select>'), act: '0', ask: '[...document.querySelectorAll("input,select")].map(({ value }) => value)', want: ['new', 'two'] },
  'an edit of what shows something by itself': { body: BARE('', '', '<option>b'), next: BARE('value="80"', 'value="#ff0000"', '<option>a<option>b'), act: '0', ask: values, want: ['80', '#ff0000', '', 'a'] },
  'the same, made by a script after the page had loaded': { body: '<div></div>', next: BARE('value="80"', 'value="#ff0000"', '<option>a<option>b'), act: `${$('div')}.innerHTML = ${JSON.stringify(BARE('', '', '<option>b'))}; ${$('form')}.append(Object.assign(document.createElement("input"), { name: "reset" }))`, ask: values, want: ['80', '#ff0000', '', 'a'] },
  'an edit of what the page makes of its fields itself': { body: OWN('old', 'one'), next: OWN('new', 'two'), act: '0', ask: values, want: ['new', 'new', 'new', false, 'two', 'one', 'new'] },
  'what somebody made of those, or a script for somebody': {
    body: OWN('old', 'one'),
    act: async tab => {
      await type('[name=a]', ' typed')(tab)
      await tab.page.evaluate(`(form => { form.b.value = "picked"; form.c.value = "counted"; form.d.checked = false; form.e.value = "two"; form.f.options[1].selected = true; form.g.value = "chosen" })(${$('form')})`)
    },
    ask: `[...${values}, [...${$('[name=f]')}.selectedOptions].length]`,
    want: ['old typed', 'picked', 'counted', true, 'two', 'one', 'chosen', 2]
  },
  checkboxes: { body: form('<input type="checkbox" name="a" value="1"><input type="checkbox" name="a" value="2" checked><input type="checkbox" name="b">'), act: 'document.querySelectorAll("input").forEach(box => box.click())', ask: '[...document.querySelectorAll("input")].map(({ checked }) => checked)', want: [true, false, true] },
  'radio buttons': { body: form('<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2"><input type="radio" name="a" value="3">'), act: `${$('[value="3"]')}.click()`, ask: '[...document.querySelectorAll("input")].map(({ checked }) => checked)', want: [false, false, true] },
  'radio buttons, and a new one before them': { body: form('<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">'), next: form('<input type="radio" name="a" value="0"><input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">'), act: `${$('[value="2"]')}.click()`, ask: '[...document.querySelectorAll("input")].map(({ checked }) => checked)', want: [false, false, true] },
  'a select': { body: form('<select name="a"><option value="1">one<option value="2">two<option value="3">three</select>'), next: form('<select name="a"><option value="0">new<option value="1">one<option value="2">two<option value="3">three</select>'), act: `${$('select')}.value = "3"`, ask: `${$('select')}.value`, want: '3' },
  'a select with one chosen by the page': { body: form('<select name="a"><option value="1">one<option value="2" selected>two</select>'), act: `${$('select')}.value = "1"`, ask: `${$('select')}.value`, want: '1' },
  'a select of several': { body: form('<select name="a" multiple><option>one<option selected>two<option>three</select>'), act: '[...document.querySelectorAll("option")].forEach(option => { option.selected = !option.selected })', ask: '[...document.querySelectorAll("option")].map(({ selected }) => selected)', want: [true, false, true] },
  'a select of several: one is gone': { body: form('<select name="a" multiple><option>one<option selected>two<option>three</select>'), next: form('<select name="a" multiple><option>zero<option selected>two<option>three</select>'), act: '[...document.querySelectorAll("option")].forEach(option => { option.selected = !option.selected })', ask: '[...document.querySelectorAll("option")].map(({ selected }) => selected)', want: [false, false, true] },
  'a select of several: none is chosen any more': { body: form('<select name="a" multiple><option>one<option selected>two</select>'), act: `${$('select')}.value = ""`, ask: '[...document.querySelectorAll("option")].map(({ selected }) => selected)', want: [false, false] },
  'a select whose option is gone, and another one is chosen by the page': { body: form('<select name="a"><option>one<option>two</select>'), next: form('<select name="a"><option>one<option selected>new</select>'), act: `${$('select')}.value = "two"`, ask: `${$('select')}.value`, want: 'new' },
  'a select whose option is gone': { body: form('<select name="a"><option value="1">one<option value="2">two</select>'), next: form('<select name="a"><option value="1">one</select>'), act: `${$('select')}.value = "2"`, ask: `${$('select')}.value`, want: '1' },
  'editable text': {
    body: '<div contenteditable id="e"><p>one</p></div>',
    act: async tab => {
      await type('#e p', ' two')(tab)
      await tab.page.evaluate(`${$('#e')}.insertAdjacentHTML("beforeend", "<b style='color: red' onclick='window.hit = 1' title='t'>bold</b><script>window.hit = 1</scr" + "ipt><a href='javascript:window.hit=1'>a</a><!-- c -->")`)
    },
    ask: `[${$('#e')}.innerHTML, window.hit]`,
    want: ['<p>one two</p><b title="t" style="color: red;">bold</b><a>a</a>', null]
  },
  'text the page makes editable late': {
    body: '<div>old</div><p></p><script>addEventListener("load", () => setTimeout(() => { document.querySelector("div").contentEditable = true }, 300))</script>',
    act: async tab => {
      await tab.page.waitForSelector('[contenteditable]')
      await type('div', ' typed')(tab)
    },
    ask: `${$('div')}.textContent`,
    want: 'old typed'
  },
  'editable text with drawings and formulas': {
    body: '<div contenteditable><p>one</p><svg viewBox="0 0 9 9"><circle r="4" style="fill: red"/></svg><math><mi>x</mi></math></div>',
    act: type('p', ' typed'),
    ask: `[${$('p')}.textContent, ...["svg", "circle", "mi"].map(name => document.querySelector(name) instanceof HTMLElement || document.querySelector(name)?.namespaceURI), ${$('svg')}?.getAttribute("viewBox"), ${$('circle')} && getComputedStyle(${$('circle')}).fill]`,
    want: ['one typed', 'http://www.w3.org/2000/svg', 'http://www.w3.org/2000/svg', 'http://www.w3.org/1998/Math/MathML', '0 0 9 9', 'rgb(255, 0, 0)']
  },
  'editable text nobody typed into': { body: '<div contenteditable>old</div>', next: '<div contenteditable>new</div>', act: '0', ask: `${$('div')}.textContent`, want: 'new' },
  'focus and caret in a field': { body: form('<input name="a" value="abcdef" autofocus><input name="b" value="abcdef">'), act: `${$('[name=b]')}.focus(); ${$('[name=b]')}.setSelectionRange(2, 4, "backward")`, ask: '(e => [e.name, e.selectionStart, e.selectionEnd, e.selectionDirection])(document.activeElement)', want: ['b', 2, 4, 'backward'] },
  'focus on what has no caret': { body: form('<input type="checkbox" name="a">') + '<button id="x">x</button><svg tabindex="0" id="s"></svg>', act: `${$('#s')}.focus()`, ask: 'document.activeElement.id', want: 's' },
  'focus in a field without a caret': { body: form('<input type="number" name="n">'), act: `${$('input')}.focus()`, ask: 'document.activeElement.name', want: 'n' },
  'the caret in editable text': { body: '<div contenteditable><p>one</p><p>two <b>three</b></p></div>', act: `${$('div')}.focus(); getSelection().setBaseAndExtent(${$('b')}.firstChild, 3, ${$('p')}.firstChild, 1)`, ask: '(s => [s.anchorNode.data, s.anchorOffset, s.focusNode.data, s.focusOffset])(getSelection())', want: ['three', 3, 'one', 1] },
  'the caret in an empty line': { body: '<div contenteditable><p>one</p><p><br></p><p>two</p></div>', act: `${$('div')}.focus(); getSelection().collapse(${$('p + p')}, 0)`, ask: '(s => [s.anchorNode.localName, s.anchorNode.previousSibling?.textContent, s.anchorOffset])(getSelection())', want: ['p', 'one', 0] },
  'a caret for which there is no text any more': { body: form('<input name="a" value="abcdef">') + '<div contenteditable>some text</div>', next: form('<input name="a" value="abcdef">') + '<div contenteditable></div>', act: `${$('div')}.focus(); getSelection().collapse(${$('div')}.firstChild, 5)`, ask: 'document.activeElement.localName', want: 'div' },
  details: { body: '<details id="d"><summary>s</summary>text</details><details open><summary>s</summary>text</details>', act: `${$('#d')}.open = true`, ask: '[...document.querySelectorAll("details")].map(({ open }) => open)', want: [true, true] },
  'an element of the page that opens by a method': { body: '<my-menu></my-menu><script>customElements.define("my-menu", class extends HTMLElement { open () { this.setAttribute("open", "") } })</script>', act: `${$('my-menu')}.open()`, ask: `[${$('my-menu')}.hasAttribute("open"), typeof ${$('my-menu')}.open]`, want: [true, 'function'] },
  'an edit of what the page opens': { body: '<details open>text</details><dialog open>text</dialog>', next: '<details>text</details><dialog>text</dialog>', act: '0', ask: '[...document.querySelectorAll("details, dialog")].map(({ open }) => open)', want: [false, false] },
  'a dialog': { body: '<dialog>text</dialog>', act: `${$('dialog')}.show()`, ask: `[${$('dialog')}.open, ${$('dialog')}.matches(":modal")]`, want: [true, false] },
  'a modal dialog, with what has the focus in it': { body: `<dialog><button>first</button>${form('<input name="a">')}</dialog>`, act: `${$('dialog')}.showModal(); ${$('input')}.focus()`, ask: `[${$('dialog')}.matches(":modal"), document.activeElement.name]`, want: [true, 'a'] },
  'a dialog the page opens itself': { body: `<dialog>text</dialog><script>${$('dialog')}.showModal()</script>`, act: '0', ask: `${$('dialog')}.matches(":modal")`, want: true },
  'a popover': { body: '<div popover id="p">text</div><div popover>text</div>', act: `${$('#p')}.showPopover()`, ask: '[...document.querySelectorAll("[popover]")].map(one => one.matches(":popover-open"))', want: [true, false] },
  'boxes that scroll': { body: `<div ${BOX} id="a">${ROWS}</div><div><div ${BOX}><div style="width:3000px">${ROWS}</div></div></div><style>#a { scroll-behavior: smooth }</style>`, act: `${$('#a')}.scrollTo({ top: 700, behavior: "instant" }); ${$('div div')}.scrollTo(333, 444)`, ask: `[${$('#a')}, ${$('div div')}].map(box => [box.scrollLeft, box.scrollTop])`, want: [[0, 700], [333, 444]] },
  'a text area that scrolls': { body: form(`<textarea name="a">${'line\n'.repeat(200)}</textarea>`), act: `${$('textarea')}.scrollTop = 500`, ask: `${$('textarea')}.scrollTop`, want: 500 },
  'a body that scrolls by itself': { body: `<style>html, body { height: 100%; margin: 0; overflow: hidden } body { overflow: auto }</style>${ROWS}`, act: 'document.body.scrollTop = 555', ask: 'document.body.scrollTop', want: 555 },
  media: {
    body: VIDEO,
    act: async ({ page }) => {
      await page.waitForFunction(`${$('video')}.readyState > 0`)
      await page.evaluate(`Object.assign(${$('video')}, { currentTime: 42, volume: 0.5, muted: true, playbackRate: 2 })`)
    },
    ask: `(({ currentTime, volume, muted, playbackRate, paused }) => [currentTime, volume, muted, playbackRate, paused])(${$('video')})`,
    want: [42, 0.5, true, 2, true]
  },
  'media that play': {
    body: VIDEO,
    act: async ({ page }) => {
      await page.waitForFunction(`${$('video')}.readyState > 0`)
      await page.evaluate(`Object.assign(${$('video')}, { currentTime: 42, muted: true }).play()`)
    },
    ask: `(({ currentTime, paused }) => [currentTime >= 42 && currentTime < 59, paused])(${$('video')})`,
    want: [true, false]
  },
  'open shadow trees': {
    body: `<my-box></my-box><script>customElements.define("my-box", class extends HTMLElement { connectedCallback () { this.attachShadow({ mode: "open" }).innerHTML = \`<form autocomplete="off"><input name="a"></form><div ${BOX}>${ROWS}</div>\` } })</script>`,
    act: `(tree => { tree.querySelector("input").value = "inside"; tree.querySelector("input").focus(); tree.querySelector("div").scrollTop = 222 })(${$('my-box')}.shadowRoot)`,
    ask: `(tree => [tree.querySelector("input").value, tree.activeElement?.name, tree.querySelector("div").scrollTop])(${$('my-box')}.shadowRoot)`,
    want: ['inside', 'a', 222]
  },
  'never passwords, cards and codes': {
    body: form('<input type="password" name="a"><input name="b" autocomplete="section-x cc-number"><input name="c" autocomplete="one-time-code"><input name="d" autocomplete="new-password"><input name="user_password"><input id="cvc"><select name="e" autocomplete="cc-exp-month"><option>1<option>2</select><input name="free">'),
    act: '(document.querySelectorAll("input").forEach(one => { one.value = "typed" }), document.querySelector("select").value = "2", document.querySelector("input").focus(), document.querySelector("input").setSelectionRange(1, 2))',
    ask: '[...document.querySelectorAll("input,select")].map(({ value }) => value).join()',
    want: ',,,,,,1,typed'
  },
  'nor a password that is shown': {
    body: form('<input type="password" name="a">'),
    act: async tab => {
      await type('input', 'typed')(tab)
      await tab.page.evaluate(`${$('input')}.type = "text"`)
    },
    ask: `[${$('input')}.value, document.activeElement.name]`,
    want: ['', 'a']
  },
  'nor one that a script has made, or that is in a shadow tree': {
    body: LATE_SECRETS,
    act: async tab => {
      await tab.page.waitForSelector('[name=late]')
      for (const name of ['late', 'inner', 'free']) {
        await type(`[name=${name}]`, 'typed')(tab)
        await tab.page.evaluate(`${FIELD(name)}.type = "text"`)
      }
    },
    ask: `["late", "inner", "free"].map(name => ${FIELD('" + name + "')}.value)`,
    want: ['', '', 'typed']
  },
  'nor fields named pass or pin': {
    body: form('<input name="pass"><input id="pin"><input name="user-pin"><input name="pinned"><input name="passport">'),
    act: 'document.querySelectorAll("input").forEach(one => { one.value = "typed" })',
    ask: values,
    want: ['', '', '', 'typed', 'typed']
  },
  'an edit of what the page makes of a field in a shadow tree': { body: SHADOW('old'), next: SHADOW('new'), act: '0', ask: `${$('my-box')}.shadowRoot.querySelector("[name=free]").value`, want: 'new' }
}

const reach = (tab: Tab, ask: string, want: unknown) => until(async () => JSON.stringify(await tab.page.evaluate(ask).catch(() => {})) === JSON.stringify(want), `${ask} is ${JSON.stringify(want)}`)

async function reloaded (server: FakeServer, tab: Tab, next?: string) {
  if (next !== undefined) server.answer = () => ({ body: next })
  server.change()
  await tab.shows(server.seq)
}

test('state over a reload', { jobs: 4 }, async t => {
  for (const [name, { body, next, act, ask, want }] of Object.entries(CASES)) {
    t.test(`kept: ${name}`, async t => {
      const server = await fakeServer(t)
      server.answer = () => ({ body: html(body) })
      const tab = await openTab(t, server)
      await (typeof act === 'string' ? tab.page.evaluate(`(() => { ${act} })()`) : act(tab))
      const left = await tab.page.evaluate('sessionStorage.getItem("live-reload")')
      await reloaded(server, tab, next === undefined ? undefined : html(next))
      await reach(tab, ask, want)
      t.equal(server.loads.length, 2)
      t.equal(left, null)
      t.same(tab.errors.filter(text => !text.includes('window.hit')), [])
      await until(() => tab.page.evaluate('sessionStorage.length').then(length => length === 0), 'nothing is left behind')
      t.same(await tab.page.evaluate(ask), want, 'nor put back later')
    })
  }

  t.test('everything at once: a form half filled, a dialog open, three boxes scrolled, a video at 0:42', async t => {
    const server = await fakeServer(t)
    const boxes = [1, 2, 3].map(i => `<div ${BOX} id="box${i}">${ROWS}</div>`).join('')
    server.answer = () => ({ body: html(`<div style="height:3000px">${form('<input name="name"><textarea name="text"></textarea><select name="s"><option>one<option>two</select><input type="checkbox" name="c"><input name="late">')}${boxes}${VIDEO}</div><dialog><p>text</p><button>ok</button></dialog>`) })
    const tab = await openTab(t, server)
    await type('[name=name]', 'half')(tab)
    await type('[name=text]', 'a text')(tab)
    await tab.page.waitForFunction(`${$('video')}.readyState > 0`)
    await tab.page.evaluate(`${$('select')}.value = "two"; ${$('[name=c]')}.click(); [100, 200, 300].forEach((top, i) => { document.querySelector("#box" + (i + 1)).scrollTop = top }); ${$('video')}.currentTime = 42; scrollTo(0, 1234); ${$('dialog')}.showModal(); ${$('dialog button')}.focus()`)
    const ask = `[...[...document.querySelectorAll("input, textarea, select")].map(one => one.type === "checkbox" ? one.checked : one.value), ...[1, 2, 3].map(i => document.querySelector("#box" + i).scrollTop), ${$('video')}.currentTime, scrollY, ${$('dialog')}.matches(":modal"), document.activeElement.textContent]`
    const want = ['half', 'a text', 'two', true, '', 100, 200, 300, 42, 1234, true, 'ok']
    t.same(await tab.page.evaluate(ask), want)
    for (let i = 0; i < 3; i++) {
      await reloaded(server, tab)
      await reach(tab, ask, want)
    }
    t.equal(server.loads.length, 4)
    t.same(tab.errors, [])
  })

  t.test('no jump: what scrolls is there where it was with the first picture', async t => {
    const server = await fakeServer(t)
    const watch = `<script>window.frames = []; (function look () { const box = ${$('#box')}; if (box && window.frames.push(box.scrollTop) > 60) return; requestAnimationFrame(look) })()</script>`
    server.cached = true
    server.answer = () => ({ body: html(`<div ${BOX} id="box">${ROWS}</div>`, watch) })
    const tab = await openTab(t, server)
    await tab.page.evaluate(`${$('#box')}.scrollTop = 700`)
    // The first reload fetches the module, the second has it.
    await reloaded(server, tab)
    await reach(tab, `${$('#box')}.scrollTop`, 700)
    await reloaded(server, tab)
    await tab.page.waitForFunction('window.frames.length > 20')
    const frames = await tab.page.evaluate<number[]>('window.frames')
    t.comment(frames.slice(0, 10).join(' '))
    t.ok(frames.indexOf(700) < 6, 'hardly a frame shows it elsewhere')
    t.ok(frames.slice(frames.indexOf(700)).every(top => top === 700))
  })

  t.test('a page in pieces, and what a script adds later', async t => {
    const server = await fakeServer(t)
    const start = '<!doctype html><html><head><meta charset="utf-8">TAG</head><body><form autocomplete="off"><input name="a">'
    const late = '<script>addEventListener("load", () => setTimeout(() => { const input = document.createElement("input"); input.name = "late"; document.querySelector("form").append(input); const box = document.createElement("div"); box.id = "box"; box.style = "height:100px;overflow:auto"; document.body.append(box); setTimeout(() => { box.innerHTML = "<p style=height:2000px>x</p>" }, 50) }, 50))</script>'
    server.answer = () => ({ body: [start, '<select name="s"><option>one', '<option>two</select>', '<div contenteditable>old', ' text</div></form>', `${late}</body></html>`] })
    const tab = await openTab(t, server)
    await tab.page.waitForSelector('#box p')
    await type('[contenteditable]', '!')(tab)
    await tab.page.evaluate(`${$('[name=a]')}.value = "a"; ${$('[name=late]')}.value = "b"; ${$('select')}.value = "two"; ${$('#box')}.scrollTop = 600; ${$('[name=late]')}.focus()`)
    await reloaded(server, tab)
    await reach(tab, `[${$('[name=a]')}.value, ${$('[name=late]')}.value, ${$('select')}.value, ${$('[contenteditable]')}.textContent, ${$('#box')}.scrollTop, document.activeElement.name]`, ['a', 'b', 'two', 'old text!', 600, 'late'])
  })

  t.test('a large page does not wait for elements that never appear', async t => {
    const server = await fakeServer(t)
    const rows = '<p><b>row</b><i>x</i><u>y</u></p>'.repeat(10_000)
    server.answer = () => ({ body: html(server.seq > 1 ? rows : `<div ${BOX} id="box">${ROWS}</div>`) })
    const tab = await openTab(t, server)
    await tab.page.evaluate(`${$('#box')}.scrollTop = 700`)
    // Every look begins with the document itself, and goes on to its end.
    await tab.page.addInitScript(`{ const { get } = Object.getOwnPropertyDescriptor(Document.prototype, "firstElementChild")
      const looks = window.looks = []
      Object.defineProperty(Document.prototype, "firstElementChild", { get () { const start = performance.now(); queueMicrotask(() => looks.push([start, performance.now() - start])); return get.call(this) } }) }`)
    await reloaded(server, tab)
    await until(() => tab.page.evaluate<boolean>('window.looks.length > 1 && performance.now() - window.looks[0][0] > 2500'), 'it has searched more than once')
    const looks = await tab.page.evaluate<[start: number, ms: number][]>('window.looks')
    // The pause after the last one is not over.
    const spent = looks.slice(0, -1).reduce((sum, [, ms]) => sum + ms, 0)
    const elapsed = Number(looks.at(-1)?.[0]) - Number(looks[0]?.[0])
    t.comment(`${looks.length} searches took ${Math.round(spent)} of ${Math.round(elapsed)} ms`)
    t.ok(spent < elapsed / 4, 'most of the time is left to the page')
  })

  t.test('who types or moves first has the say', async t => {
    const server = await fakeServer(t)
    // What the page keeps to itself is a move as well.
    const grow = '<script>for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, event => event.stopPropagation()); window.grow = () => { document.querySelector("#box").innerHTML = "<p style=height:2000px>x</p>"; const input = document.createElement("input"); input.name = "b"; document.querySelector("form").append(input) }</script>'
    server.answer = () => ({ body: html(`${form('<input name="a">')}<div ${BOX} id="box"></div>${grow}`) })
    const tab = await openTab(t, server)
    await tab.page.evaluate(`window.grow(); ${$('#box')}.scrollTop = 600; ${$('[name=b]')}.value = "old"; ${$('[name=b]')}.focus()`)
    // Late elements are waited for until three seconds after the page has loaded. A click can take longer on a busy machine, so this page never says that it has loaded.
    await tab.page.addInitScript('Object.defineProperty(document, "readyState", { get: () => "interactive" })')
    await reloaded(server, tab)
    await tab.page.click('[name=a]')
    await tab.page.evaluate('window.grow()')
    await reach(tab, `${$('[name=b]')}.value`, 'old')
    t.same(await tab.page.evaluate(`[${$('#box')}.scrollTop, document.activeElement.name]`), [0, 'a'])

    await tab.page.evaluate(`${$('[name=b]')}.remove()`)
    await tab.page.evaluate(`${$('[name=a]')}.value = "kept"`)
    await reloaded(server, tab)
    await reach(tab, `${$('[name=a]')}.value`, 'kept')
  })

  t.test('chosen files are said to be lost', async t => {
    const server = await fakeServer(t)
    server.hello.badge = { position: 'top-left' }
    server.answer = () => ({ body: html(form('<input type="file" name="f" multiple>')) })
    const { tab, badge } = await openScene(t, server)
    await tab.page.setInputFiles('input', [{ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('a') }, { name: 'b.png', mimeType: 'image/png', buffer: Buffer.from('b') }])
    await reloaded(server, tab)
    await badge.shows('note', 'Choose again: a.png, b.png')
    t.ok(tab.log.some(text => text.includes('Choose again: a.png, b.png')))
    await badge.click('button')
    await badge.shows('none')
  })

  t.test('preserve: false: what somebody typed is not thrown away, the reload is offered', async t => {
    const server = await fakeServer(t)
    server.hello = { preserve: false, badge: { position: 'top-left' } }
    server.answer = () => ({ body: html(form('<input name="a">')) })
    const { tab, badge } = await openScene(t, server)
    server.change()
    await tab.shows(2)
    await type('input', 'abc')(tab)
    server.change()
    await badge.shows('note', 'Update ready')
    server.change()
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 5), 'the next change waits, too')
    t.equal(server.loads.length, 2)
    t.equal(await tab.page.evaluate(`${$('input')}.value`), 'abc')
    await badge.ask('find("button").click()')
    await tab.shows(4)
    t.equal(server.loads.length, 3)
    t.equal(await tab.page.evaluate(`${$('input')}.value`), '')

    await type('input', 'abc')(tab)
    await tab.page.evaluate(`${$('input')}.remove()`)
    server.change()
    await tab.shows(5)
  })

  for (const [name, script] of [
    ['storage is refused', ';Object.defineProperty(window, "sessionStorage", { get () { throw new Error("refused") } })'],
    ['storage is full', ';Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError") }']
  ] as const) {
    t.test(`${name}: what was typed is not thrown away`, async t => {
      const server = await fakeServer(t)
      server.hello = { badge: { position: 'top-left' } }
      server.answer = () => ({ body: html(form('<input name="a">')) })
      const { tab, badge } = await openScene(t, server, { script })
      server.change()
      await until(() => tab.ask('live?.seq').then(seq => seq === 2, () => false), 'nothing typed, nothing lost')
      await tab.connected()
      await type('input', 'abc')(tab)
      server.change()
      await badge.shows('note', 'Update ready')
      t.equal(server.loads.length, 2)
    })
  }

  t.test('more than the session holds: only that is lost', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: html(form('<textarea name="a"></textarea>')) })
    const { tab } = await openScene(t, server, { script: ';{ const { setItem } = Storage.prototype; Storage.prototype.setItem = function (key, value) { if (value.length > 2000) throw new DOMException("full", "QuotaExceededError"); setItem.call(this, key, value) } }' })
    await tab.page.evaluate(`${$('textarea')}.value = "x".repeat(3000)`)
    server.change()
    await tab.shows(2)
    t.equal(await tab.ask('live.metrics.reloads'), 1, 'what the pages tell each other')
    t.equal(await tab.page.evaluate(`${$('textarea')}.value`), '')
  })

  t.test('a page that leads to another one by now: nothing of it is put there', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/' && server.seq > 1 ? { status: 302, headers: { location: '/other' } } : { body: html(form('<input name="a">')) }
    const tab = await openTab(t, server)
    await tab.page.evaluate(`${$('input')}.value = "here"`)
    server.change()
    await tab.shows(2)
    t.match(tab.page.url(), /other$/)
    t.equal(await tab.ask('live.metrics.reloads'), 1)
    t.equal(await tab.page.evaluate(`${$('input')}.value`), '')
  })

  t.test('a module that cannot be loaded', async t => {
    const server = await fakeServer(t)
    server.broken.more = 503
    server.answer = () => ({ body: html(form('<input name="a">')) })
    const tab = await openTab(t, server)
    server.change()
    await tab.shows(2)
    await type('input', 'abc')(tab)
    server.change()
    await until(() => tab.log.some(text => text.includes('Update ready')), 'what was typed stays')
    server.broken = {}
    server.change()
    await tab.shows(4)
    await reach(tab, `${$('input')}.value`, 'abc')
    t.equal(server.loads.length, 3)
  })

  t.test('state of another address or of another hour, and what is no state at all, is ignored', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: html(form('<input name="a">')) })
    const tab = await openTab(t, server)
    const items = [[1, '#a=>input1', 'typed'], [99, '#a=>input1', 1], ['texts', [{ from: ['input', 0] }], 'of an older client']]
    const state = (until: number) => JSON.stringify([until, [items, false]])
    const later = Date.now() + 60_000
    for (const [address, text, value] of [['/', state(later), 'typed'], ['/other', state(later), ''], ['/', state(Date.now() - 1), ''], ['/', '{', ''], ['/', '{}', ''], ['/', '[]', '']] as const) {
      const key = `live-reload ${server.url}${address}`
      await tab.page.addInitScript(`sessionStorage.clear(); sessionStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(text)}); sessionStorage.setItem("live-reload", "{")`)
      server.change()
      await until(() => tab.ask('live?.seq').then(seq => seq === server.seq, () => false), 'the next page')
      await reach(tab, `${$('input')}.value`, value)
      if (address === '/') await reach(tab, `sessionStorage.getItem(${JSON.stringify(key)})`, null)
      t.equal(await tab.page.evaluate(`${$('input')}.value`), value, text)
      await tab.page.evaluate(`${$('input')}.value = ""`)
    }
    t.same(tab.errors, [])
  })

  t.test('an import map: no module comes before it', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: html(`${form('<input name="a">')}<script type="importmap">{"imports":{"x":"data:text/javascript,window.mapped=1"}}</script><script type="module">import "x"</script>`) })
    const tab = await openTab(t, server)
    await tab.page.evaluate(`${$('input')}.value = "typed"`)
    await reloaded(server, tab)
    await reach(tab, `[${$('input')}.value, window.mapped]`, ['typed', 1])
    t.same(tab.errors, [])
  })

  // The pause is the page's own work: a transition whose picture is long in coming is what is tested.
  for (const [name, change] of [['runs', ''], ['waits for what it shows', 'return new Promise(resolve => setTimeout(resolve, 300))']]) {
    t.test(`a view transition is not cut that ${name}`, async t => {
      const server = await fakeServer(t)
      server.answer = () => ({ body: html('<p>text</p>', '<style>::view-transition-group(root), ::view-transition-old(root), ::view-transition-new(root) { animation-duration: 300ms }</style>') })
      const tab = await openTab(t, server)
      await tab.page.evaluate(PATIENT)
      await tab.page.evaluate(`void document.startViewTransition(() => { document.body.append("more"); ${change} }).finished.then(() => sessionStorage.setItem("ended", "1"))`)
      server.change()
      await tab.shows(2)
      t.equal(await tab.page.evaluate('sessionStorage.getItem("ended")'), '1', 'it ended before the page went')
      t.equal(server.loads.length, 2)
    })
  }

  const WORKER = 'self.addEventListener("install", event => event.waitUntil(caches.open("c").then(cache => cache.add("/")).then(() => self.skipWaiting()))); self.addEventListener("activate", event => event.waitUntil(self.clients.claim())); self.addEventListener("fetch", event => { if (event.request.mode === "navigate" || new URL(event.request.url).pathname === "/") event.respondWith(caches.match("/").then(hit => hit || fetch(event.request))) })'
  const CONTROLLED = 'navigator.serviceWorker.register("/worker.js").then(() => new Promise(resolve => { if (navigator.serviceWorker.controller) resolve(0); else navigator.serviceWorker.oncontrollerchange = () => resolve(0) }))'

  for (const serviceWorker of ['warn', 'bypass'] as const) {
    t.test(`a service worker that answers from its cache: ${serviceWorker}`, async t => {
      const server = await fakeServer(t)
      server.hello = { badge: { position: 'top-left' }, serviceWorker }
      server.answer = ({ url }) => url === '/worker.js' ? { headers: { 'content-type': 'text/javascript' }, body: WORKER } : {}
      const { tab, badge } = await openScene(t, server)
      await tab.page.evaluate(CONTROLLED)
      if (serviceWorker === 'bypass') await tab.page.evaluate('navigator.serviceWorker.register("/worker.js", { scope: "/elsewhere/" }).then(() => {})')
      server.change()
      if (serviceWorker === 'bypass') {
        await tab.shows(2)
        t.match(await tab.page.evaluate('navigator.serviceWorker.getRegistrations().then(all => all.map(({ scope }) => scope))'), [/elsewhere/], 'that of other pages stays')
        t.equal(await tab.page.evaluate('navigator.serviceWorker.controller'), null)
        t.notOk(tab.log.some(text => text.includes('service worker')))
        return
      }
      const why = 'Not reloaded: a cache or service worker has the old page'
      await badge.shows('note', why)
      await until(() => tab.log.some(text => text.includes(why)), 'the reason in the console')
      for (const socket of server.sockets) socket.terminate()
      await until(() => server.connects.length === 3, 'greeted again')
      await badge.shows('note', why)
      t.equal(tab.log.filter(text => text.includes(why)).length, 1, 'said once')
      t.equal(await tab.page.evaluate('performance.getEntriesByType("navigation")[0].type'), 'reload')
      // What was said before the server was lost may still stand there: a click on it is none.
      await until(async () => {
        await badge.click('button').catch(() => {})
        return server.connects.length > 3
      }, 'gone to on demand')
    })
  }

  t.test('a page that stays after all: nothing of it is touched', async t => {
    const server = await fakeServer(t)
    server.hello.serviceWorker = 'bypass'
    const body = html(`<my-box></my-box><div contenteditable><b>old</b></div>${form('<input name="a"><select name="b"><option>one<option>two</select>')}<video muted></video><script>${$('my-box')}.attachShadow({ mode: "open" }).append(document.createElement("input"))</script>`)
    server.answer = ({ url, headers }) => url === '/worker.js' ? { headers: { 'content-type': 'text/javascript' }, body: WORKER } : { body, status: headers['sec-fetch-mode'] === 'navigate' && server.seq > 1 ? 204 : 200 }
    const tab = await openTab(t, server)
    await tab.page.evaluate(CONTROLLED)
    await type('[contenteditable]', '!')(tab)
    await tab.page.evaluate(`${$('my-box')}.shadowRoot.querySelector("input").value = "x"; ${$('select')}.value = "two"; ${$('video')}.volume = 0.5`)
    server.change()
    await until(() => server.loads.length === 2, 'asked for')
    t.match(await tab.page.evaluate<string>('sessionStorage.getItem("live-reload " + location.href)'), /two.*old!.*0\.5/)
    t.equal(await tab.page.evaluate(`${$('[contenteditable]')}.innerHTML`), '<b>old!</b>')
    t.equal(await tab.page.evaluate('navigator.serviceWorker.getRegistrations().then(all => all.length)'), 0)
  })
})

test('every line of lib/browser/preserve and of what applies a change ran', async t => {
  for (const [name, lines] of Object.entries(await missesIn(name => /^(preserve|reload\/apply-change)/.test(name)))) t.same(lines, [], name)
})
