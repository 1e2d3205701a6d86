// Runs a recipe: the app as its command starts it, every kind of file edited, and a tab that shows each edit in the right way, once.
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { page } from '../../support/browser.js'
import { idleStatus } from '../../support/edits.js'
import { freePort, runProgram, type Running, writeExample } from '../../support/example.js'
import { type Folder, folder } from '../../support/folder.js'
import { running as processes, watches } from '../../support/processes.js'
import { until } from '../../support/wait.js'
import type { Edit, Recipe } from './recipe.js'

interface State { readonly epoch: string, readonly loads: number }

/** What the tab is when it has all that the server has, everything is watched, and nothing is built. */
async function settled (tab: Page, { url }: Running): Promise<State> {
  return await until(async () => {
    const status = await idleStatus(tab, url)
    if (status === undefined) return undefined
    // A page that is just left has no answer.
    const seen = await tab.evaluate(() => ({ state: window.__liveReload?.state, epoch: window.__liveReload?.epoch, seq: window.__liveReload?.seq, loads: Number(sessionStorage.loads) })).catch(() => undefined)
    return seen?.state === 'open' && seen.epoch === status.epoch && seen.seq === status.seq ? { epoch: status.epoch, loads: seen.loads } : undefined
  }, 'the tab has what the server has', 60_000)
}

/** In place, and never shorter: one event of the system. Programs that start again with each event would start twice for a file that is emptied and written. */
function overwrite (path: string, text: string): void {
  const file = openSync(path, 'r+')
  try {
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

interface Place { readonly app: Folder, readonly tab: Page, readonly running: Running, readonly watcher: number }

/** Gives the state after it. `before`: the one after the edit before, as nothing may load the page meanwhile. */
async function checkEdit (t: Test, { file, from, to, how, shows = `document.body?.innerText.includes(${JSON.stringify(to)})` }: Edit, { app, tab, running, watcher }: Place, before: State): Promise<State> {
  await settled(tab, running)
  // What a program is told before it watches is lost.
  if (how === 'restart') await until(() => watches(watcher, app.at(file)), `${file} is watched`, 60_000)
  t.equal(await tab.evaluate(shows), false, `${file}: not shown yet`)
  if (from === undefined) {
    renameSync(folder(t).write('new', to), app.at(file))
  } else {
    const text = readFileSync(app.at(file), 'utf8')
    t.ok(text.includes(from), `${file} has ${from}`)
    t.ok(to.length >= from.length, 'it does not get shorter')
    overwrite(app.at(file), text.replace(from, to))
  }
  // Not by waitForFunction(), which a policy of the page may forbid. A page that is just left has no answer.
  await until(() => tab.evaluate(shows).catch(() => false), `${file}: shown`, 60_000)
  const after = await settled(tab, running)
  t.strictSame(
    { loads: after.loads - before.loads, isSameProcess: after.epoch === before.epoch },
    { loads: how === 'update' ? 0 : 1, isSameProcess: how !== 'restart' },
    `${file}: ${how}, once`
  )
  return after
}

/** Gives what it has used, for what only one recipe has to show. */
export async function checkRecipe (t: Test, { files, start, ready, watcher: name, path = '/', edits }: Recipe): Promise<Place> {
  const app = writeExample(t, files)
  const running = await runProgram(t, start.split(' '), { PORT: String(await freePort()) }, app.path)
  if (ready !== undefined) await until(() => ready.test(running.output()), `${start} says ${ready}`, 60_000)
  const watcher = name === undefined ? running.pid : processes(app.at(`node_modules/.bin/${name}`))[0] as number
  const tab = await page(t)
  await tab.addInitScript(() => {
    if (window === window.top) sessionStorage.loads = Number(sessionStorage.loads ?? 0) + 1
  })
  await tab.goto(running.url + path)
  const place = { app, tab, running, watcher }
  let state = await settled(tab, running)
  const [{ file, from = '', to, how }] = edits
  // The last one is of a kind that was seen before: whatever an edit loads too late counts as one of the next.
  for (const edit of [...edits, { file, from: to, to: from, how }]) state = await checkEdit(t, edit, place, state)
  return place
}
