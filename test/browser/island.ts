// The closed trees of the badge and the overlay, as a test sees them: a script of the test's own keeps what `attachShadow` gives.
import type { BrowserContextOptions } from 'playwright-core'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import type { FakeServer } from './fake-server.js'
import { type Tab, tabOf } from './tab.js'

type Teardown = Parameters<typeof page>[0]

const KEEP = `
  window.trees = {}
  window.violations = []
  const attach = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (options) {
    return window.trees[this.localName] = attach.call(this, options)
  }
  document.addEventListener("securitypolicyviolation", event => window.violations.push(event.violatedDirective + " " + event.blockedURI))`

export interface View {
  /** An expression over `tree`, and `find(selector)` in it. Throws while there is no such tree. */
  ask<T> (expression: string): Promise<T>
  text (selector: string): Promise<string>
  click (selector: string): Promise<void>
  /** Settles when it is true. */
  when (expression: string, what?: string): Promise<void>
}

export interface Scene {
  readonly tab: Tab
  readonly overlay: View & { opened (): Promise<void>, closed (): Promise<void>, isOpen (): Promise<boolean> }
  readonly badge: View & { shows (kind: string, text?: string): Promise<void> }
}

function viewOf (tab: Tab, name: string): View {
  const ask = <T>(expression: string) => tab.page.evaluate<T>(`((tree, find) => ${expression})(window.trees["${name}"], selector => window.trees["${name}"].querySelector(selector))`)
  return {
    ask,
    text: selector => ask(`find(${JSON.stringify(selector)})?.textContent ?? ""`),
    async click (selector) {
      const { x, y } = await ask<{ x: number, y: number }>(`(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))(find(${JSON.stringify(selector)}).getBoundingClientRect())`)
      await tab.page.mouse.click(x, y)
    },
    when: async (expression, what = expression) => { await until(() => ask(expression).catch(() => false), what) }
  }
}

export function sceneOf (tab: Tab): Scene {
  const overlay = viewOf(tab, 'live-reload-overlay')
  const badge = viewOf(tab, 'live-reload-badge')
  const open = 'find("dialog")?.open && tree.isConnected'
  return {
    tab,
    overlay: {
      ...overlay,
      opened: () => overlay.when(open, 'the overlay'),
      closed: () => overlay.when(`!(${open})`, 'no overlay'),
      isOpen: () => tab.page.evaluate('(tree => !!tree?.isConnected && !!tree.querySelector("dialog[open]"))(window.trees["live-reload-overlay"])')
    },
    badge: {
      ...badge,
      shows: (kind, text = '') => badge.when(`find("button").classList.contains("${kind}") && find("button").textContent.includes(${JSON.stringify(text)})`, `the badge says ${kind} ${text}`)
    }
  }
}

export interface SceneOptions extends BrowserContextOptions {
  path?: string
  script?: string
}

export async function openScene (t: Teardown, server: FakeServer, { path = '/', script = '', ...options }: SceneOptions = {}): Promise<Scene> {
  const tab = await tabOf(t, server, await page(t, options))
  await tab.page.addInitScript(KEEP + script)
  await tab.page.goto(server.url + path)
  await tab.connected()
  return sceneOf(tab)
}
