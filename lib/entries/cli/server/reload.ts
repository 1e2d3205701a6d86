// `fastify-live-reload reload`: tells the tabs of a running server to show what another program has made.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { errors } from '../../../errors.js'
import { shortenPath } from '../../../shared/paths.js'
import { OK, UsageError, type Command } from '../command.js'
import { askAll } from './ask.js'
import { findServers, SERVER_FLAGS } from './find.js'
import { countOf, printJson, printLine, requireDone } from './print.js'

export const reloadCommand: Command = {
  name: 'reload',
  summary: 'tells the tabs of a running server to reload',
  about: 'Reloads all tabs, those that show a URL, or shows changed files: in place where tabs can do that. Exits: 0 told, 2 wrong flags or a file that does not exist, 3 no server that could be told.',
  words: '[path...]',
  flags: {
    url: { type: 'string', value: '<path>', multiple: true, help: 'only tabs that show this URL path, such as /blog/; may be given more than once' },
    ...SERVER_FLAGS
  },
  async run (values, words) {
    const cwd = process.cwd()
    const urls = values.url as readonly string[] | undefined
    const wrong = urls?.find(url => !url.startsWith('/'))
    if (wrong !== undefined) throw new UsageError(`--url must be a path that begins with /, got ${JSON.stringify(wrong)}`)
    if (words.includes('')) throw new UsageError('a path is empty; name files that changed, or none to reload all tabs')
    const paths = words.map(path => resolve(cwd, path))
    const missing = paths.filter(path => !existsSync(path)).map(path => shortenPath(cwd, path))
    if (missing.length > 0) throw new errors.FST_LIVE_RELOAD_NO_SUCH_FILE(`${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist`)
    const replies = requireDone(await askAll(await findServers(values), { command: 'reload', ...paths.length > 0 && { paths }, ...urls && { urls } }))
    if (values.json === true) printJson(replies)
    const what = [...paths.map(path => shortenPath(cwd, path)), ...urls ?? []].join(', ') || 'all'
    if (values.json !== true) for (const { server, body } of replies) printLine(server, `reload: ${what} -> ${outcomeOf(body as unknown as Told)}`)
    return OK
  }
}

interface Told { readonly tabs: number, readonly paused: boolean, readonly used?: boolean }

/** Files are for the pages that use them. Which do, only they know. */
function outcomeOf ({ tabs, paused, used }: Told): string {
  if (paused) return 'waits for resume()'
  if (tabs === 0) return 'no tab is open'
  return `${countOf(tabs, 'tab')}${used === false ? '; no page used it within 1 s' : ''}`
}
