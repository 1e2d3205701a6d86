// `fastify-live-reload reload`: tells the tabs of a running server to show what another program has made.
import { resolve } from 'node:path'
import { shortenPath } from '../../../shared/paths.js'
import { OK, UsageError, type Command } from '../command.js'
import { askAll } from './ask.js'
import { findServers, SERVER_FLAGS } from './find.js'
import { printJson, printLine, requireDone } from './print.js'

export const reloadCommand: Command = {
  name: 'reload',
  summary: 'tells the tabs of a running server to reload',
  about: 'Reloads all tabs, those that show a URL, or shows changed files: in place where tabs can do that. Exits: 0 told, 2 wrong flags, 3 no server that could be told.',
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
    const replies = requireDone(await askAll(await findServers(values), { command: 'reload', ...paths.length > 0 && { paths }, ...urls && { urls } }))
    if (values.json === true) printJson(replies)
    const what = [...paths.map(path => shortenPath(cwd, path)), ...urls ?? []].join(', ') || 'all'
    if (values.json !== true) for (const { server, body: { tabs, paused } } of replies) printLine(server, `reload: ${what} -> ${paused === true ? 'waits for resume()' : tabs === 1 ? '1 tab' : `${tabs} tabs`}`)
    return OK
  }
}
