// A tab on a page of the fake server, with its lines counted.
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { LiveReloadClient } from '../../types/client.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { count } from './coverage.js'
import type { FakeServer } from './fake-server.js'

type Teardown = { teardown (fn: () => Promise<void>): void }

export interface Tab {
  readonly page: Page
  /** Uncaught errors and what the console shows as one. */
  readonly errors: string[]
  readonly log: string[]
  /** Keeps what the document ran so far for the coverage: it ends with the document. */
  snapshot (): Promise<void>
  /** An expression over `live`, the page's `window.__liveReload`. */
  ask<T> (expression: string): Promise<T>
  /** Settles when the page is connected. */
  connected (): Promise<void>
  /** Settles when the document that shows `seq` is there and has said so. */
  shows (seq: number): Promise<void>
}

/** Wraps a page before it goes anywhere. */
export async function tabOf (t: Teardown, server: FakeServer, page: Page): Promise<Tab> {
  const errors: string[] = []
  const log: string[] = []
  page.on('pageerror', error => errors.push(error.message))
  page.on('console', message => {
    (message.type() === 'error' ? errors : log).push(message.text())
  })
  const snapshot = await count(page)
  t.teardown(async () => { if (!page.isClosed()) await snapshot() })

  const tab: Tab = {
    page,
    errors,
    log,
    snapshot,
    ask: expression => page.evaluate(`(live => ${expression})(window.__liveReload)`),
    async connected () {
      await until(() => tab.ask<LiveReloadClient['state']>('live?.state').then(state => state === 'open', () => false), 'page connected')
    },
    async shows (seq) {
      await until(() => server.heard.some(message => message.seq === seq), `a page that shows ${seq}`)
      await until(() => tab.ask('live?.seq').then(value => value === seq, () => false), `the page itself says ${seq}`)
    }
  }
  return tab
}

export async function openTab (t: Teardown, server: FakeServer, path = '/', options?: BrowserContextOptions): Promise<Tab> {
  const tab = await tabOf(t, server, await page(t, options))
  await tab.page.goto(server.url + path)
  await tab.connected()
  return tab
}

/** Brings the clock of the tab's browser forward, and asks the server once more: what the page was to do by a timer it has asked for before. The clock has to be installed before the timers. */
export async function timersRun (tab: Tab, ms = 2500): Promise<void> {
  await tab.page.clock.fastForward(ms)
  await tab.page.evaluate('fetch("/__live/health").then(reply => reply.text())')
}

/** Makes one more change and waits for it: all that was to happen before has happened then. */
export async function settle (server: FakeServer, tab: Tab): Promise<void> {
  await tab.connected()
  await tab.snapshot()
  server.change()
  await tab.shows(server.seq)
}
