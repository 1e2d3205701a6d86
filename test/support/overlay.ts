// The overlay as a test sees it: its shadow root is closed, so it is kept when it is made.
import type { Page } from 'playwright-core'
import { until } from './wait.js'

const KEEP = `
  const attach = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (options) { return (window.trees ??= {})[this.localName] = attach.call(this, options) }`

export interface Overlay {
  /** Settles when it is shown; rejects when it is not. */
  opened (): Promise<void>
  closed (): Promise<void>
  text (selector: string): Promise<string>
  click (selector: string): Promise<void>
}

/** Opens the page, and settles when it is connected. */
export async function visit (tab: Page, url: string): Promise<Overlay> {
  await tab.addInitScript(KEEP)
  await tab.goto(url)
  await isOpen(tab)
  const ask = <T>(expression: string) => tab.evaluate<T>(`(find => ${expression})(selector => window.trees?.["live-reload-overlay"]?.querySelector(selector))`)
  const shown = () => ask<boolean>('find("dialog")?.open ?? false')
  return {
    // A document that goes away can not be asked.
    async opened () { await until(() => shown().catch(() => false), 'the overlay') },
    async closed () { await until(async () => !await shown().catch(() => true), 'no overlay') },
    text: selector => ask(`find(${JSON.stringify(selector)})?.textContent ?? ''`),
    async click (selector) { await ask(`find(${JSON.stringify(selector)}).click()`) }
  }
}

export const isOpen = (tab: Page) => tab.waitForFunction('window.__liveReload?.state === "open"')
