// Real Chromium for tests: one browser per test file, a fresh context for every page.
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core'
import tap from 'tap'
import { findChromium } from './chromium.js'

export const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Makes the client of a page wait a minute for a view transition, where it waits two seconds (`MAX_WAIT_MS` of `view-transition.ts`): a short one takes longer on a busy machine. */
export const PATIENT = '{ const start = setTimeout; window.setTimeout = (run, ms, ...rest) => start(run, ms === 2000 ? 60_000 : ms, ...rest) }'

let browser: Promise<Browser> | undefined

/** A Chromium of its own, for switches that hold for the whole browser. */
export async function launch (args: readonly string[] = ARGS): Promise<Browser> {
  const found = findChromium()
  const launched = await chromium.launch({
    ...found ? { executablePath: found.path } : { channel: 'chrome' },
    args: [...args],
    // Pages go into the back/forward cache, as they do for people.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    env: { ...process.env as Record<string, string>, ...found?.env }
  })
  tap.teardown(() => launched.close())
  return launched
}

/** An empty page in a context of its own: no cookies, storage or cache of another test. */
export async function page (t: { teardown (fn: () => Promise<void>): void }, options?: BrowserContextOptions): Promise<Page> {
  browser ??= launch()
  const context = await (await browser).newContext(options)
  t.teardown(() => context.close())
  return await context.newPage()
}

/** The DevTools protocol of a page, for what Playwright has no verb for. */
export function devtools (page: Page): Promise<CDPSession> {
  return page.context().newCDPSession(page)
}
