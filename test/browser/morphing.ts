// Cases: the page's HTML changes, and the page follows without a navigation, or reloads because nothing else can be right.
import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { until } from '../support/wait.js'
import { asks, hasAsked, site, stays, type Site } from './site.js'
import type { Tab } from './tab.js'

export const html = (head: string, body = '', root = '') => `<!doctype html><html${root}><head><meta charset="utf-8">TAG<link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`

export interface Morphing extends Site {
  readonly tab: Tab
}

/** A page that may be changed in place, once what it is made from is known. */
export async function morphing (t: Test, page: string, files: Record<string, string> = {}, headers: Record<string, Record<string, string>> = {}): Promise<Morphing> {
  const made = await site(t, { '/index.html': page, ...files }, headers)
  made.server.hello = { morph: true }
  const tab = await made.open()
  await until(() => made.server.probes.length > 0, 'what the page is made from')
  await until(() => tab.page.evaluate('performance.getEntriesByType("resource").some(({ name, responseEnd }) => name === location.href && responseEnd > 0)'), 'it is there')
  return { ...made, tab }
}

interface Row {
  readonly was: string
  readonly now: string
  /** Done to the page before, and asked of it after. */
  readonly act?: string
  readonly ask: string
  readonly answer: unknown
  readonly files?: Record<string, string>
}

const FORM = '<form id="f"><input name="a"><textarea name="t"></textarea><select name="s"><option>1<option>2</select><input type="checkbox" name="c"></form>'
const FILL = 'f.a.value = "typed"; f.t.value = "long"; f.s.selectedIndex = 1; f.c.checked = true'
const FILLED = 'f.a.value + f.t.value + f.s.value + f.c.checked'
const SHADOW = (text: string, inner = '') => `<div id="host"><template shadowrootmode="open"><p>${text}</p><slot></slot></template>${inner}</div>`

const shown: Record<string, Row> = {
  'a text': { was: html('', '<h1>one</h1>'), now: html('', '<h1>two</h1>'), ask: 'document.body.innerHTML', answer: '<h1>two</h1>' },
  'an attribute': { was: html('', '<p title="a" data-x="1" class="k">x</p>'), now: html('', '<p title="b" lang="en" class="k">x</p>'), ask: 'document.body.innerHTML', answer: '<p title="b" class="k" lang="en">x</p>' },
  'an attribute with a name that may not be set': { was: html('', '<p @click="a">x</p>'), now: html('', '<p @click="b">x</p>'), ask: 'document.body.innerHTML', answer: '<p @click="b">x</p>' },
  'an element that comes': { was: html('', '<p>a</p>\n<p>b</p>'), now: html('', '<p>new</p>\n<p>a</p>\n<i>in</i>\n<p>b</p>\n<p>last</p>'), act: 'window.kept = document.querySelectorAll("p")', ask: '[document.body.innerHTML, kept[0].isConnected, kept[1].isConnected]', answer: ['<p>new</p>\n<p>a</p>\n<i>in</i>\n<p>b</p>\n<p>last</p>', true, true] },
  'an element that goes': { was: html('', '<p>a</p><b>x</b><p>b</p>'), now: html('', '<p>a</p><p>b</p>'), ask: 'document.body.innerHTML', answer: '<p>a</p><p>b</p>' },
  'elements that come and go among others that change': { was: html('', '<p>a</p><b>x</b><p>b</p><h2>c</h2>'), now: html('', '<p>1</p><p>2</p><i>y</i><h2>3</h2>'), act: 'window.kept = [...document.body.children]', ask: '[document.body.innerHTML, ...kept.map(({ isConnected }) => isConnected)]', answer: ['<p>1</p><p>2</p><i>y</i><h2>3</h2>', true, false, true, true] },
  'elements in another order': { was: html('', '<ul><li>a<li>b<li>c</ul>'), now: html('', '<ul><li>c<li>a<li>b</ul>'), ask: 'document.body.innerHTML', answer: '<ul><li>c</li><li>a</li><li>b</li></ul>' },
  'many that are others now': { was: html('', `<ul>${'<li>a'.repeat(600)}</ul>`), now: html('', `<ul>${'<li>b'.repeat(500)}</ul>`), ask: 'document.querySelectorAll("li").length + document.querySelector("ul").textContent[0]', answer: '500b' },
  'the title, a description, the language': { was: html('<title>one</title><meta name="description" content="a">', 'x', ' lang="en" class="a b"'), now: html('<title>two</title><meta name="description" content="b"><meta name="author" content="me">', 'x', ' lang="de" class="b c"'), act: 'document.documentElement.classList.add("js")', ask: '[document.title, document.documentElement.lang, document.documentElement.className, ...[...document.querySelectorAll("meta[name]")].map(({ content }) => content)]', answer: ['two', 'de', 'b js c', 'b', 'me'] },
  styles: { was: html('<style>h1 { color: red }</style>', '<h1>x</h1>'), now: html('<style>h1 { color: rgb(0, 0, 9) }</style>', '<h1>x</h1>'), ask: 'getComputedStyle(document.querySelector("h1")).color', answer: 'rgb(0, 0, 9)' },
  'a comment': { was: html('', '<!-- a -->x'), now: html('', '<!-- b -->x'), ask: 'document.body.innerHTML', answer: '<!-- b -->x' },
  'what is in a template': { was: html('', '<template><p>a</p></template>'), now: html('', '<template><p>b</p></template>'), ask: 'document.querySelector("template").content.textContent', answer: 'b' },
  drawings: { was: html('', '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>'), now: html('', '<svg viewBox="0 0 8 8"><path d="M0 0"/><circle r="3"/></svg>'), ask: '[document.querySelector("circle").r.baseVal.value, document.querySelector("svg").viewBox.baseVal.width]', answer: [3, 8] },
  'what is shown without scripts': { was: html('', '<noscript><p>a</p></noscript><p>x</p>'), now: html('', '<noscript><p>b</p></noscript><p>y</p>'), ask: 'document.querySelectorAll("p").length + document.querySelector("p").textContent', answer: '1y' },
  'a shadow tree the HTML declares': { was: html('', SHADOW('one')), now: html('', SHADOW('two', '<b>slotted</b>')), ask: '[host.shadowRoot.querySelector("p").textContent, host.innerHTML]', answer: ['two', '<b>slotted</b>'] },
  'a new one': { was: html('', '<p>x</p>'), now: html('', `<p>x</p><section>${SHADOW('one', '<span><template shadowrootmode="closed" shadowrootdelegatesfocus>z</template></span>')}</section>`), ask: '[host.shadowRoot.querySelector("p").textContent, host.innerHTML]', answer: ['one', '<span></span>'] },
  'a custom element comes': { was: html('<script>customElements.define("x-a", class extends HTMLElement { connectedCallback () { this.title = "made" } })</script>', '<p>x</p>'), now: html('<script>customElements.define("x-a", class extends HTMLElement { connectedCallback () { this.title = "made" } })</script>', '<p>x</p><x-a></x-a>'), ask: 'document.querySelector("x-a").title', answer: 'made' },
  'an attribute a custom element is told of': { was: html('<script>customElements.define("x-a", class extends HTMLElement { static observedAttributes = ["to"]; attributeChangedCallback (name, old, now) { this.dataset.told = now } })</script>', '<x-a to="1" class="a"></x-a>'), now: html('<script>customElements.define("x-a", class extends HTMLElement { static observedAttributes = ["to"]; attributeChangedCallback (name, old, now) { this.dataset.told = now } })</script>', '<x-a to="2" class="b"></x-a>'), ask: '[document.querySelector("x-a").dataset.told, document.querySelector("x-a").className]', answer: ['2', 'b'] },
  'what scripts made stays': { was: html('', '<div id="app"></div><p>one</p><i class="a">x</i>'), now: html('', '<p>zero</p><div id="app"></div><p>two</p><i class="b">x</i>'), act: 'app.innerHTML = "<ul><li>made</ul>"; app.style.color = "red"; document.body.append(Object.assign(document.createElement("aside"), { textContent: "modal" })); document.querySelector("i").className += " on"; window.made = app.firstChild', ask: '[document.body.innerHTML, made.isConnected]', answer: ['<p>zero</p><div id="app" style="color: red;"><ul><li>made</li></ul></div><p>two</p><i class="on b">x</i><aside>modal</aside>', true] },
  'what scripts took out does not come back': { was: html('', '<div class="spinner">wait</div><p>one</p>'), now: html('', '<div class="spinner">wait</div><p>two</p>'), act: 'document.querySelector(".spinner").remove()', ask: 'document.body.innerHTML', answer: '<p>two</p>' },
  'what scripts took out goes': { was: html('', '<div class="spinner">wait</div><p>one</p>'), now: html('', '<p>one</p>'), act: 'document.querySelector(".spinner").remove()', ask: 'document.body.innerHTML', answer: '<p>one</p>' },
  'what a script has done already': { was: html('', '<p title="a">one</p>'), now: html('', '<p title="b">two</p><i>x</i>'), act: 'document.querySelector("p").title = "b"; document.querySelector("p").firstChild.data = "two"', ask: 'document.body.innerHTML', answer: '<p title="b">two</p><i>x</i>' },
  'a form half filled': { was: html('', `<h1>one</h1>${FORM}`), now: html('', `<h1>two</h1><p>new</p>${FORM.replace('name="a"', 'name="a" value="standard" placeholder="p"')}<p>new</p>`), act: FILL, ask: `[${FILLED}, f.a.placeholder, f.a.defaultValue]`, answer: ['typedlong2true', 'p', 'standard'] },
  'a form that gets a frame around it': { was: html('', `<h1>one</h1>${FORM}<p>x</p>`), now: html('', `<h1>two</h1><main><div>${FORM.replace('name="a"', 'name="a" value="standard" placeholder="p"')}<noscript>none</noscript></div></main><p>x</p>`), act: `${FILL}; f.t.focus(); window.kept = f`, ask: `[${FILLED}, kept === f, document.activeElement === f.t, document.querySelector("main form").a.placeholder, document.querySelectorAll("noscript").length]`, answer: ['typedlong2true', true, true, 'p', 1] },
  'focus and caret': { was: html('', '<h1>one</h1><input id="i" value="some text"><p>x</p>'), now: html('', '<h1>two</h1><p>new</p><input id="i" value="some text"><b>y</b>'), act: 'i.focus(); i.setSelectionRange(2, 5)', ask: '[document.activeElement.id, i.selectionStart, i.selectionEnd]', answer: ['i', 2, 5] },
  'places of scrollers': { was: html('<style>div { height: 50px; overflow: auto } p { height: 3000px }</style>', '<h1>one</h1><div><p>a</p></div><p>x</p>'), now: html('<style>div { height: 50px; overflow: auto } p { height: 3000px }</style>', '<h1>two</h1><div><p>b</p></div><p>y</p><p>z</p>'), act: 'scrollTo(0, 700); document.querySelector("div").scrollTop = 300', ask: '[scrollY, document.querySelector("div").scrollTop]', answer: [700, 300] },
  'what is open': { was: html('', '<details><summary>s</summary>one</details><dialog>one</dialog><div popover>one</div>'), now: html('', '<b>new</b><details><summary>s</summary>two</details><dialog>two</dialog><div popover>two</div>'), act: 'document.querySelector("details").open = true; document.querySelector("dialog").showModal(); document.querySelector("[popover]").showPopover()', ask: '[document.querySelector("details").open, document.querySelector("dialog").matches(":modal"), document.querySelector("[popover]").matches(":popover-open"), document.querySelector("dialog").textContent]', answer: [true, true, true, 'two'] },
  'a frame': { was: html('', '<h1>one</h1><iframe src="/in.html"></iframe>'), now: html('', '<h1>two</h1><p>new</p><iframe src="/in.html"></iframe>'), files: { '/in.html': 'in' }, act: 'frames[0].marker = 1', ask: 'frames[0].marker', answer: 1 },
  'sound that plays': { was: html('', '<h1>one</h1><audio></audio>'), now: html('', '<h1>two</h1><p>new</p><audio></audio>'), act: '{ const [audio] = document.querySelectorAll("audio"); const context = new AudioContext(); const end = context.createMediaStreamDestination(); audio.srcObject = end.stream; audio.muted = true; window.playing = audio.play() }', ask: '[document.querySelector("audio").paused, document.querySelector("audio").srcObject !== null]', answer: [false, true] }
}

export async function morphs (t: Test) {
  for (const [name, { was, now, act, ask, answer, files }] of Object.entries(shown)) {
    t.test(`in place: ${name}`, async t => {
      const { server, save, tab } = await morphing(t, was, files)
      if (act) await tab.page.evaluate(`{ ${act} }`)
      save({ '/index.html': now }, 'html')
      t.equal(await stays(server, tab), true)
      t.same(await tab.page.evaluate(ask), answer)
      t.match(await tab.ask('live.metrics'), { updates: 1, reloads: 0 })
      await until(() => server.heard.length > 0, 'what the page says')
      t.match(server.heard, [{ seq: 2, kind: 'update', ms: Number }])
      t.equal(server.loads.length, files ? 2 : 1)
      t.same(tab.errors, [])
      t.equal(await tab.page.evaluate('document.querySelectorAll("script[data-live-reload]").length'), 1)
    })
  }
}

const QUIET = '<script>customElements.define("x-q", class extends HTMLElement {})</script>'
const CARD = '<script>customElements.define("x-card", class extends HTMLElement { connectedCallback () { this.append("!") } })</script>'

interface Refusal {
  readonly was: string
  readonly now: string
  readonly act?: string
  /** The reply that the page was made from, and the one it gets after the change. */
  readonly headers?: Record<string, string>
  readonly later?: { readonly status?: number, readonly headers?: Record<string, string>, readonly never?: boolean }
}

const page = html('', '<p>one</p>')
const two = html('', '<p>two</p>')
const STYLE = '<style>p { color: red }</style>'
const policyFor = (colour: string) => ({ 'content-security-policy': `style-src 'sha256-${createHash('sha256').update(`p { color: ${colour} }`).digest('base64')}'` })
const reloads: Record<string, Refusal> = {
  'a script that comes': { was: page, now: html('', '<p>one</p><script>window.x = 1</script>') },
  'a script that goes': { was: html('<script src="data:text/javascript,1"></script>', 'x'), now: html('', 'x') },
  'a script that is another one': { was: html('<script>window.x = 1</script>', 'x'), now: html('<script>window.x = 2</script>', 'x') },
  'the address of a script': { was: html('<script src="data:text/javascript,1"></script>', 'x'), now: html('<script src="data:text/javascript,2"></script>', 'x') },
  'a script in what comes': { was: page, now: html('', '<p>one</p><div><b><script>window.x = 1</script></b></div>') },
  'a script that moves': { was: html('', '<div><script>1</script></div><p>x</p><p>y</p>'), now: html('', '<p>x</p><p>y</p><div><script>1</script></div><i></i>') },
  'an import map': { was: html('<script type="importmap">{}</script>', 'x'), now: html('<script type="importmap">{"imports":{"a":"/a.js"}}</script>', 'x') },
  'data in a script': { was: html('', '<script type="application/json">1</script>'), now: html('', '<script type="application/json">2</script>') },
  'the base of addresses': { was: html('<base href="/">', 'x'), now: html('<base href="/x/">', 'x') },
  'a policy in a meta': { was: html('', 'x'), now: html('<meta http-equiv="content-security-policy" content="img-src *">', 'x') },
  'the charset of a meta': { was: html('<title>x</title>', 'x'), now: html('<title>x</title>', 'x').replace('utf-8', 'latin1') },
  'a handler': { was: html('', '<p onclick="a()">x</p>'), now: html('', '<p onclick="b()">x</p>') },
  'the document of a frame': { was: html('', '<iframe srcdoc="a"></iframe>'), now: html('', '<iframe srcdoc="b"></iframe>') },
  'what is played': { was: html('', '<video><source src="a.mp4"></video>'), now: html('', '<video><source src="b.mp4"></video>') },
  'a frameset': { was: page, now: '<!doctype html><html><head><meta charset="utf-8">TAG</head><frameset></frameset></html>' },
  'the root alone': { was: page, now: '<!doctype html><html><head><meta charset="utf-8">TAG<link rel="icon" href="data:,"><script>1</script></head><body><p>one</p></body></html>' },
  'a custom element that makes something of what it holds': { was: html(CARD, '<x-card>a</x-card>'), now: html(CARD, '<x-card>b</x-card>') },
  'an attribute a custom element is not told of': { was: html(CARD, '<x-card to="a">a</x-card>'), now: html(CARD, '<x-card to="b">a</x-card>') },
  'a new custom element with a shadow tree': { was: html(CARD, ''), now: html(CARD, '<x-card><template shadowrootmode="open">x</template></x-card>') },
  'a shadow tree nobody sees into': { was: html('', SHADOW('one').replace('open', 'closed')), now: html('', SHADOW('two').replace('open', 'closed')) },
  'a shadow tree of another kind': { was: html('', SHADOW('one')), now: html('', SHADOW('one').replace('open', 'closed')) },
  'a shadow tree that comes': { was: html('', '<div id="host"></div>'), now: html('', SHADOW('one')) },
  'a new shadow tree where none can be': { was: page, now: html('', '<p>one</p><em><template shadowrootmode="open">x</template></em>') },
  'what a script has written': { was: html('', '<p>one</p>'), now: html('', '<p>two</p>'), act: 'document.querySelector("p").firstChild.data = "script"' },
  'what a script has set': { was: html('', '<p style="color: red">x</p>'), now: html('', '<p style="color: blue">x</p>'), act: 'document.querySelector("p").style.color = "green"' },
  'what a script has taken out': { was: html('', '<p>one</p>'), now: html('', '<p>two</p>'), act: 'document.querySelector("p").remove()' },
  'what moves with what scripts made': { was: html('', '<i></i><b id="b">x</b>'), now: html('', '<div><b id="b">x</b></div>'), act: 'b.append("made")' },
  'what moves with what scripts wrote': { was: html('', '<i></i><b id="b">x</b>'), now: html('', '<div><b id="b">x</b></div>'), act: 'b.firstChild.data = "y"' },
  'what moves with a script beside it': { was: html('', '<script>1</script><b id="b">x</b>'), now: html('', '<script>1</script><div><b id="b">x</b></div>') },
  'what moves beside a custom element': { was: html(QUIET, '<i></i><b id="b">x</b><x-q></x-q>'), now: html(QUIET, '<div><b id="b">x</b></div><x-q></x-q>') },
  'what moves into a custom element': { was: html(QUIET, '<i></i><b id="b">x</b>'), now: html(QUIET, '<x-q><b id="b">x</b></x-q>') },
  'what moves with another handler': { was: html('', '<i></i><b id="b" onclick="a()">x</b>'), now: html('', '<div><b id="b" onclick="b()">x</b></div>') },
  'what moves with the document of a frame': { was: html('', '<i></i><iframe id="b" srcdoc="a"></iframe>'), now: html('', '<div><iframe id="b" srcdoc="b"></iframe></div>') },
  'what moves with a sheet that comes': { was: html('', '<i></i><b id="b">x</b>'), now: html('', '<div><link rel="stylesheet" href="data:text/css,"><b id="b">x</b></div>') },
  'nothing: it may be the new one already': { was: page, now: page },
  'a page that is missing': { was: page, now: two, later: { status: 404 } },
  'a page that breaks': { was: page, now: two, later: { status: 500 } },
  'a page that hangs': { was: page, now: two, later: { never: true } },
  'no page': { was: page, now: two, later: { headers: { 'content-type': 'text/plain' } } },
  'a page that redirects': { was: page, now: two, later: { status: 302, headers: { location: '/elsewhere' } } },
  'a policy with the hash of another style': { was: html(STYLE), now: html(STYLE.replace('red', 'blue')), headers: policyFor('red'), later: { headers: policyFor('blue') } },
  'another charset': { was: page, now: two, later: { headers: { 'content-type': 'text/html; charset=iso-8859-1' } } },
  'another mode of old browsers': { was: page, now: two.replace('<!doctype html>', '') },
  XHTML: { was: page, now: two, later: { headers: { 'content-type': 'application/xhtml+xml' } } }
}

export async function refuses (t: Test) {
  for (const [name, { was, now, act, headers = {}, later }] of Object.entries(reloads)) {
    t.test(`reloads: ${name}`, async t => {
      const { server, save, tab } = await morphing(t, was, {}, { '/index.html': headers })
      await asks(tab)
      if (act) await tab.page.evaluate(`{ ${act} }`)
      const { answer } = server
      if (later) server.answer = request => ({ ...answer(request), ...later, headers: { ...answer(request).headers, ...later.headers } })
      const before = await tab.page.evaluate('document.body.innerHTML')
      save({ '/index.html': now }, 'html')
      await hasAsked(tab)
      t.equal(await tab.page.evaluate('document.body.innerHTML'), before, 'nothing was changed before')
      if (headers['content-security-policy']) t.same(tab.errors, [], 'nothing was violated')
    })
  }
}
