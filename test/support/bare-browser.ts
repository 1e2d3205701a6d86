// A Chromium of its own whose tab can really be hidden and frozen: Playwright holds every tab it makes in the foreground.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { chromium, type Page } from 'playwright-core'
import { ARGS } from './browser.js'
import { findChromium } from './chromium.js'
import { folder } from './folder.js'

export interface BareTab {
  readonly page: Page
  /** Minimises the window, or brings it back. */
  hide (hidden: boolean): Promise<void>
  freeze (frozen: boolean): Promise<void>
}

/** `undefined` where only an installed browser is there. */
export async function bareTab (t: { teardown (fn: () => unknown): void }): Promise<BareTab | undefined> {
  const found = findChromium()
  if (!found) return undefined
  const profile = folder(t)
  const child = spawn(found.path, [...ARGS, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile.path}`, 'about:blank'], {
    env: { ...process.env, ...found.env },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const gone = once(child, 'exit')
  const browser = await chromium.connectOverCDP(await address(child.stderr), { noDefaults: true })
  const all = await browser.newBrowserCDPSession()
  t.teardown(async () => {
    // Its own way out: killed, its helpers would go on writing into the profile.
    await all.send('Browser.close')
    await gone
  })
  const [context] = browser.contexts()
  const page = context?.pages()[0] ?? await context?.newPage()
  if (!context || !page) throw new Error('no tab')
  const session = await context.newCDPSession(page)
  const { windowId } = await session.send('Browser.getWindowForTarget')
  const window = (windowState: 'minimized' | 'normal') => session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  return {
    page,
    async hide (hidden) {
      await window(hidden ? 'minimized' : 'normal')
      await page.waitForFunction(`document.hidden === ${hidden}`, undefined, { polling: 20 })
    },
    async freeze (frozen) {
      await session.send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' })
      if (frozen) return
      // A tab comes out of it hidden, until it is shown.
      await window('minimized')
      await window('normal')
    }
  }
}

/** Chromium prints where its protocol is spoken. */
async function address (output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const [found] = /ws:\/\/\S+/.exec(line) ?? []
    if (found) {
      output.resume()
      return found
    }
  }
  throw new Error('Chromium said nothing')
}
