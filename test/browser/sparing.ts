// Cases: a page stays as it is when it is certain that it did not use what changed.
import type { Test } from 'tap'
import type { ChangeMessage } from '../../types/message.js'
import { until } from '../support/wait.js'
import { page, site, stays } from './site.js'

const FILES = { '/index.html': page('<link rel=stylesheet href=/a.css><script src=/a.js></script>'), '/a.css': '', '/a.js': '', '/b.js': '', '/b.css': '' }

interface Row {
  body?: string
  change: Omit<Extract<ChangeMessage, { type: 'reload' }>, 'seq'> | Omit<Extract<ChangeMessage, { type: 'update' }>, 'seq'>
  stays: boolean
  headers?: Record<string, Record<string, string>>
  /** Done before. */
  act?: string
}

const reload = (...files: string[]): Row['change'] => ({ type: 'reload', files })
const css = (path: string): Row['change'] => ({ type: 'update', updates: [{ kind: 'css', path }] })
const script = (code: string) => `<script type=module>${code}</script>`

const rows: Record<string, Row> = {
  'a script it does not have': { change: reload('/b.js'), stays: true },
  'several of them': { change: reload('/b.js', '/c.js'), stays: true },
  'a sheet it does not have': { change: css('/b.css'), stays: true },
  'its script': { change: reload('/b.js', '/a.js'), stays: false },
  'its document': { change: reload('/index.html'), stays: false },
  'nobody knows what': { change: { type: 'reload' }, stays: false },
  'what the app serves itself, by its name': { change: css('x/b.css'), stays: true },
  'what the app serves itself, in use': { body: '<link rel=stylesheet href=/deep/x/b.css>', change: css('x/b.css'), stays: true },
  'a file behind another address': { body: '<script src=/c></script>', headers: { '/c': { 'server-timing': 'file;desc="/b.js"' } }, change: reload('/b.js'), stays: false },
  'a document of the app': { headers: { '/index.html': { 'server-timing': 'db;dur=5' } }, change: reload('/b.js'), stays: false },
  'an answer of the app': { body: script('await fetch("/api")'), headers: { '/api': { 'server-timing': '' } }, change: reload('/b.js'), stays: false },
  'a script of another origin': { body: '<script src=http://localhost:1/b.js></script>', change: reload('/b.js'), stays: false },
  'a sheet of another origin': { body: '<link rel=stylesheet href=http://localhost:1/c.css><img src="data:,">', change: css('/b.css'), stays: true },
  'a script of a frame without an address': { body: '<iframe srcdoc="<script src=/b.js></script>"></iframe>', change: reload('/b.js'), stays: false },
  'a script that was written into a frame': { body: '<iframe id=f></iframe><script>f.contentDocument.write("<script src=/b.js><\\/script>"); f.contentDocument.close()</script>', change: reload('/b.js'), stays: false },
  'a frame that loaded other files': { body: '<div><template shadowrootmode=open><iframe srcdoc="<script src=/c></script>"></iframe></template></div>', change: reload('/b.js'), stays: true },
  'a frame that loaded too many files': { body: '<iframe srcdoc="text"></iframe>', act: 'Promise.all(Array.from({ length: 250 }, (_, i) => frames[0].fetch("/a.js?" + i)))', change: reload('/b.js'), stays: false },
  'a frame that nobody may look into': { body: '<iframe sandbox=allow-scripts srcdoc="<script src=/b.js></script>"></iframe>', change: reload('/b.js'), stays: false },
  'a sheet that a frame fetched, too': { body: '<iframe srcdoc="text"></iframe>', act: 'frames[0].fetch("/a.css")', change: css('/a.css'), stays: false },
  'a cleared list of resources': { act: 'performance.clearResourceTimings()', change: reload('/b.js'), stays: false },
  'a list of resources that is full': { act: 'for (let i = 0; i < 250; i++) performance.mark("x"); performance.setResourceTimingBufferSize(300); Promise.all(Array.from({ length: 250 }, (_, i) => fetch("/a.js?" + i)))', change: reload('/b.js'), stays: false }
}

export function sparing (t: Test) {
  for (const [name, { body = '', change, stays: expected, headers = {}, act }] of Object.entries(rows)) {
    t.test(`scope: ${name} ${expected ? 'leaves the page alone' : 'reloads it'}`, async t => {
      const { server, open, tell } = await site(t, { ...FILES, '/index.html': FILES['/index.html'].replace('</body>', `${body}</body>`), '/c': '', '/api': '{}', '/deep/x/b.css': '' }, headers)
      const tab = await open()
      await tab.page.waitForLoadState('networkidle')
      if (act) await tab.page.evaluate(act)
      await tab.snapshot()
      tell(change)
      t.equal(await stays(server, tab), expected)
      t.equal(server.loads.length, expected ? 1 : 2)
    })
  }

  t.test('scope: a file that was on its way when it changed is a reload, a moment later', async t => {
    const { server, open, tell } = await site(t, { ...FILES })
    const tab = await open()
    let go = () => {}
    const waited = new Promise<void>(resolve => { go = resolve })
    await tab.page.route('**/b.js', async route => {
      await waited
      await route.continue()
    })
    const asked = tab.page.waitForRequest('**/b.js')
    await tab.page.evaluate('{ const script = document.createElement("script"); script.src = "/b.js"; document.body.append(script) }')
    await asked
    tell(reload('/b.js') as never)
    t.equal(await stays(server, tab), true)
    await tab.snapshot()
    go()
    await until(() => server.loads.length === 2, 'a reload')
  })

  t.test('scope: it is a reload while a later change is being shown, too', async t => {
    const { server, open, save, tell } = await site(t, { ...FILES })
    const tab = await open()
    const held: (() => void)[] = []
    await tab.page.route('**/{b.js,a.css?*}', async route => {
      await new Promise<void>(resolve => { held.push(resolve) })
      await route.continue()
    })
    await tab.page.evaluate('{ const script = document.createElement("script"); script.src = "/b.js"; document.body.append(script) }')
    await until(() => held.length === 1, 'the script is asked for')
    tell(reload('/b.js') as never)
    t.equal(await stays(server, tab), true)
    held[0]?.()
    save({ '/a.css': 'h1 { margin: 1px }' })
    await until(() => held.length === 2, 'the sheet is asked for')
    await until(() => tab.ask('live.seq === 1'), 'the page is known to be stale')
    await tab.snapshot()
    held[1]?.()
    await until(() => server.loads.length === 2, 'a reload')
  })

  t.test('scope: updates that were missed are shown, with reloads among them there is a reload', async t => {
    const { server, open } = await site(t, { ...FILES })
    const tab = await open()
    const missed = (changes: ChangeMessage[]) => {
      server.changes = changes
      server.seq = changes.at(-1)?.seq ?? 0
      for (const socket of server.sockets) socket.terminate()
    }
    missed([{ type: 'update', seq: 2, updates: [{ kind: 'css', path: '/a.css' }] }, { type: 'reload', seq: 3, files: ['/b.js'] }])
    t.equal(await stays(server, tab), true)
    t.match(await tab.page.evaluate('document.styleSheets[0].href'), /live-reload=e1\.2/)
    missed([{ type: 'update', seq: 4, updates: [{ kind: 'css', path: '/a.css' }] }, { type: 'reload', seq: 5, files: ['/a.js'] }])
    t.equal(await stays(server, tab), false)
  })
}
