// Files of an app that runs, edited as a person does it, and a tab of Chromium that has to show each edit in the right way.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { page } from './browser.js'
import { until } from './wait.js'
import type { LiveReloadClient } from '../../types/client.js'

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

/** A tab at `url`, edits, and the tab with each. */
export async function seeEdits (t: Test, cwd: string, url: string, ...edits: readonly Edit[]): Promise<void> {
  const tab = await page(t, { ignoreHTTPSErrors: true })
  const settled = () => until(async () => {
    const reply = await tab.request.get(`${url}/__live/health`)
    return reply.ok() && Object.values((await reply.json()).builds as Record<string, { state: string }>).every(({ state }) => state === 'ok')
  }, 'it watches, and no build runs')
  // An edit before that is part of what it starts with.
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
