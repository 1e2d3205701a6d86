// `fastify-live-reload status`: how a running server is doing.
import type { LiveReloadStatus } from '../../../../types/status.js'
import { FAILED, OK, type Command } from '../command.js'
import { askAll } from './ask.js'
import { findServers, SERVER_FLAGS } from './find.js'
import { countOf, printJson, printLine } from './print.js'

export const statusCommand: Command = {
  name: 'status',
  summary: 'says how a running server is doing',
  about: 'Exits: 0 watching and built, 1 not so, or the last build failed, 2 wrong flags, 3 no server that answered.',
  flags: SERVER_FLAGS,
  async run (values) {
    const replies = await askAll(await findServers(values), { command: 'status' })
    if (values.json === true) printJson(replies)
    const all = replies.map(({ server, body }) => ({ server, status: body.status as LiveReloadStatus }))
    if (values.json !== true) for (const { server, status } of all) for (const line of describe(status)) printLine(server, line)
    return all.every(({ status: { ok, builds } }) => ok && Object.values(builds).every(({ state }) => state !== 'failed')) ? OK : FAILED
  }
}

function describe ({ ok, reason, clients, paused, watch, builds }: LiveReloadStatus): string[] {
  return [
    [ok ? 'ok' : `not ok: ${reason}`, countOf(clients, 'tab'), describeWatch(watch), ...paused ? ['paused'] : []].join(', '),
    ...Object.entries(builds).map(([name, { state, ms }]) => `build ${name}: ${state}${ms === undefined ? '' : ` in ${ms} ms`}`)
  ]
}

function describeWatch ({ state, reason, roots, files }: LiveReloadStatus['watch']): string {
  if (roots.length === 0) return 'nothing is watched'
  return `watching ${countOf(files, 'file')}${state === 'ok' ? '' : ` (${state}${reason === undefined ? '' : `: ${reason}`})`}`
}
