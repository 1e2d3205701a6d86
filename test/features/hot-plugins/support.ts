// An app with hot plugins on real files, for the tests of this folder.
import type { Test } from 'tap'
import type { LiveReloadEvents } from '../../../types/events.js'
import type { HotPluginsOptions } from '../../../types/hot-plugins.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { type Around, startApp, type StartedApp } from '../../support/app.js'
import { type Folder, folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

export interface HotApp extends StartedApp {
  readonly files: Folder
  /** `200 text` of a GET. */
  get (url: string): Promise<string>
  /** Messages of the log, in order. */
  messages (): string[]
  /** Does this, and settles with the next such event of the plugin that happens then. */
  after<E extends 'plugin:reload' | 'plugin:fail'> (event: E, act: () => unknown, name?: string): Promise<LiveReloadEvents[E]>
}

/** `files` are below a new folder; those in `plugins/` are hot. */
export async function startHot (t: Test, files: Record<string, string>, options: Partial<HotPluginsOptions> = {}, more: LiveReloadOptions = {}, around: Around = {}): Promise<HotApp> {
  const project = folder(t, { 'package.json': '{ "type": "module" }', ...files })
  const started = await startApp(t, { plugins: { dir: project.at('plugins'), ...options }, ...more }, around)
  const live = started.app.liveReload
  return {
    ...started,
    files: project,
    async get (url) {
      const { status, text } = await started.request(url)
      return `${status} ${text}`
    },
    messages: () => started.lines.map(line => String((JSON.parse(line) as { msg?: unknown }).msg)),
    async after (event, act, name) {
      const seen: LiveReloadEvents[typeof event][] = []
      const undo = live.on(event, data => { if (name === undefined || data.name === name) seen.push(data as never) })
      await act()
      const found = await until(() => seen[0], `${event} ${name ?? ''}\n${started.lines.slice(-10).join('')}`)
      undo()
      return found as never
    }
  }
}

/** A plugin with one route that answers `text`; `more` is code of its body. */
export const plugin = (url: string, text: string, more = ''): string =>
  `export default async function plugin (fastify) {\n  fastify.get('${url}', async () => '${text}')\n${more}\n}\n`
