// `fastify-live-reload build-now`: runs builds of a running server, and waits for their results.
import type { BuildResult } from '../../../../types/build.js'
import { FAILED, OK, type Command } from '../command.js'
import { TextReporter, toReport } from '../build/reporter.js'
import { askAll, NO_TIMEOUT } from './ask.js'
import { findServers, placeOf, SERVER_FLAGS } from './find.js'
import { printJson, requireDone } from './print.js'

interface Built { readonly name: string, readonly result: BuildResult }

export const buildNowCommand: Command = {
  name: 'build-now',
  summary: 'runs the builds of a running server, and waits for them',
  about: 'Runs the build of this name, or all builds, in the server. Exits: 0 all good, 1 a build failed, 2 wrong flags or no build of this name, 3 no server that could be told.',
  words: '[name]',
  flags: SERVER_FLAGS,
  async run (values, [name]) {
    const servers = await findServers(values)
    const replies = requireDone(await askAll(servers, { command: 'build', ...name !== undefined && { name } }, NO_TIMEOUT))
    // Builds of several servers have the same names.
    const built = replies.flatMap(({ server, body }) => (body.builds as Built[]).map(one => replies.length === 1 ? one : { ...one, name: `${placeOf(server)}: ${one.name}` }))
    if (values.json === true) printJson(replies, ({ builds }) => ({ builds: (builds as Built[]).map(toReport) }))
    else report(built)
    return built.every(({ result }) => result.ok) ? OK : FAILED
  }
}

function report (built: readonly Built[]): void {
  const reporter = new TextReporter(process.cwd())
  for (const outcome of built) reporter.ended(outcome)
  if (built.length === 0) reporter.info('the server has no builds')
  reporter.end()
}
