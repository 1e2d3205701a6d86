// A small site on the fake server: files by path, marked as files of a root, and changed one by one.
import { extname } from 'node:path'
import type { Test } from 'tap'
import type { ServerMessage, Update } from '../../types/message.js'
import { until } from '../support/wait.js'
import { type FakeServer, fakeServer, type Reply } from './fake-server.js'
import { openTab, type Tab } from './tab.js'

const TYPES: Record<string, string> = { '.css': 'text/css', '.svg': 'image/svg+xml', '.js': 'text/javascript', '.json': 'application/json', '.html': 'text/html; charset=utf-8' }

export interface Site {
  readonly server: FakeServer
  readonly files: Record<string, string>
  /** What was asked for, with its query, but for documents and our own. */
  readonly asked: string[]
  open (path?: string): Promise<Tab>
  /** Changes files, and tells it as an update. */
  save (files: Record<string, string>, kind?: Update['kind']): void
  tell (message: Omit<Extract<ServerMessage, { type: 'update' }>, 'seq'> | Omit<Extract<ServerMessage, { type: 'reload' }>, 'seq'>): void
}

export const page = (head: string, body = '') => `<!doctype html><html><head><meta charset="utf-8">TAG<link rel="icon" href="data:,">${head}</head><body><h1>text</h1>${body}</body></html>`
export const square = (size: number) => `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect id="a" width="${size}" height="${size}" fill="red"/></svg>`

/** `headers`: more of a reply, by path. */
export async function site (t: Test, files: Record<string, string>, headers: Record<string, Record<string, string>> = {}): Promise<Site> {
  const server = await fakeServer(t)
  const asked: string[] = []
  server.answer = (request): Reply => {
    const { pathname, search } = new URL(request.url ?? '', server.url)
    const name = pathname === '/' ? '/index.html' : pathname
    const body = files[name]
    if (!name.endsWith('.html')) asked.push(pathname + search)
    if (body === undefined) return { status: 404, body: 'nothing' }
    return { headers: { 'content-type': TYPES[extname(name)] ?? 'text/plain', 'server-timing': `file;desc="${name}"`, ...headers[name] }, body }
  }
  const tell: Site['tell'] = message => {
    server.seq++
    server.send({ ...message, seq: server.seq } as ServerMessage)
  }
  return {
    server,
    files,
    asked,
    tell,
    async open (path = '/') {
      const tab = await openTab(t, server, path)
      await tab.page.evaluate('window.marker = true')
      return tab
    },
    save (changed, kind = 'css') {
      Object.assign(files, changed)
      tell({ type: 'update', updates: Object.keys(changed).map(path => ({ kind, path })) })
    }
  }
}

/** Settles when the page shows `seq`; true when it is the document it was. */
export async function stays (server: FakeServer, tab: Tab): Promise<boolean> {
  await until(() => tab.ask('live?.seq').then(seq => seq === server.seq, () => false), `the page shows ${server.seq}`)
  return await tab.page.evaluate('window.marker === true')
}

/** Looked at from outside, again and again: what the page itself would evaluate later, its policy may forbid. */
export const hasAsked = ({ page }: { page: Tab['page'] }) => until(() => page.evaluate('window.asked === true').then(Boolean, () => false), 'the page asked')

/** Notes in `window.asked` that a reload is wanted, and stays: the lines of a document that goes are not counted. */
export async function asks (tab: Tab): Promise<void> {
  await tab.ask('live.on("reload", () => { window.asked = true; return false })')
}

/** Looks at an expression in every frame from here on. */
export async function sample (tab: Tab, expression: string): Promise<() => Promise<unknown[]>> {
  await tab.page.evaluate(`{
    const seen = window.seen = []
    const look = () => {
      const value = JSON.stringify(${expression})
      if (seen.at(-1) !== value) seen.push(value)
      requestAnimationFrame(look)
    }
    look()
  }`)
  return async () => {
    await tab.page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    return (await tab.page.evaluate('window.seen') as string[]).map(value => JSON.parse(value) as unknown)
  }
}
