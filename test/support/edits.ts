// Files of an app that runs, edited as a person does it, and a tab of Chromium that has to show each edit in the right way.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { page } from './browser.js'
import { until } from './wait.js'
import type { LiveReloadClient } from '../../types/client.js'
import type { LiveReloadStatus } from '../../types/status.js'

declare global { interface Window { __liveReload?: LiveReloadClient, first?: LiveReloadClient | undefined } }

export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
  /** That the tab shows the edit: by default `to` is in its text. */
  readonly shows?: (tab: Page) => Promise<unknown>
  /** Shown in place: the page is not loaded again. */
  readonly inPlace?: boolean
}

/** The status of an app in which everything is watched, and nothing is built or about to be. An edit before that is part of what it starts with. */
export async function idleStatus (tab: Page, url: string): Promise<LiveReloadStatus | undefined> {
  const reply = await tab.request.get(`${url}/__live/health`).catch(() => undefined)
  // A server that closes answers in its own way.
  const status = await reply?.json() as Partial<LiveReloadStatus> | undefined
  return status?.watch?.state === 'ok' && Object.values(status.builds ?? {}).every(({ state }) => state === 'ok') ? status as LiveReloadStatus : undefined
}

/** A tab at `url`, edits, and the tab with each. */
export async function seeEdits (t: Test, cwd: string, url: string, ...edits: readonly Edit[]): Promise<void> {
  const tab = await page(t, { ignoreHTTPSErrors: true })
  const settled = () => until(() => idleStatus(tab, url), 'it watches, and no build runs')
  await settled()
  await tab.goto(url)
  for (const { file, from, to, shows = (tab: Page) => tab.getByText(to).first().waitFor(), inPlace = false } of edits) {
    // An edit that meets a build is built with all before it.
    await settled()
    await tab.waitForFunction(() => window.__liveReload?.state === 'open')
    await tab.evaluate(() => { window.first = window.__liveReload })
    const text = readFileSync(join(cwd, file), 'utf8')
    t.ok(text.includes(from), `${file} has ${from}`)
    writeFileSync(join(cwd, file), text.replace(from, to))
    await shows(tab)
    t.equal(await tab.evaluate(() => window.__liveReload === window.first), inPlace, `${file} ${inPlace ? 'is shown in place' : 'loads the page again'}`)
  }
}
