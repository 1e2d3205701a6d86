// `fastify-live-reload build`: the builds of the config, without a server.
import { errors } from '../../../errors.js'
import type { BuildSettings } from '../../../options/settings.js'
import { FAILED, OK, textOf, wordOf, type Command, type Values } from '../command.js'
import { loadConfig } from '../config.js'
import { onInterrupt } from '../interrupt.js'
import { override, readOverrides } from './overrides.js'
import { JsonReporter, TextReporter } from './reporter.js'
import { PRIORITY_VARIABLE } from '../../../builds/processes/priority.js'
import { BuildSession } from './session.js'

export const buildCommand: Command = {
  name: 'build',
  summary: 'runs the builds of live-reload.config.js once, for CI',
  about: 'Runs the builds of the config module, with their hooks and time limits, and exits: 0 all good, 1 a build failed, 2 wrong flags or config.',
  flags: {
    config: { type: 'string', value: '<file>', help: 'module that exports the options of the plugin (default: live-reload.config.js, .mjs, .cjs, .ts, .mts, .cts)' },
    name: { type: 'string', value: '<build>', multiple: true, help: 'only the build of this name; may be given more than once' },
    profile: { type: 'string', value: 'development|production', help: 'what the build is for (default: production)' },
    'fail-fast': { type: 'boolean', help: 'the first failure stops all other builds and shards' },
    json: { type: 'boolean', help: 'prints one JSON report on stdout, and nothing else there' },
    shards: { type: 'string', value: '<n>|off', help: 'sharded(): how many shards; off builds all in one' },
    by: { type: 'string', value: 'hash|section|version|kind', help: 'sharded(): what pages are parted by' },
    versions: { type: 'string', value: '<a,b>', help: 'sharded(): only the pages of these versions' },
    workers: { type: 'string', value: '<n>', help: 'sharded(): how many processes at once' },
    cache: { type: 'string', value: '<dir>|off', help: 'sharded(): where shards are kept between builds' }
  },
  async run (values) {
    const cwd = process.cwd()
    // By the environment: the builders of the config may come from another copy of this package.
    process.env[PRIORITY_VARIABLE] ??= 'normal'
    const profile = wordOf(values, 'profile', ['development', 'production']) ?? 'production'
    const overrides = await readOverrides(values, cwd)
    const reporter = values.json === true ? new JsonReporter() : new TextReporter(cwd)
    const { builds } = await loadConfig(textOf(values, 'config'), cwd)
    const session = new BuildSession(override(choose(builds, values), overrides, values), { cwd, profile, failFast: values['fail-fast'] === true }, reporter)
    const forget = onInterrupt(() => session.close())
    const start = performance.now()
    const { ok, outcomes } = await session.run()
    forget()
    reporter.end(outcomes, { ok, ms: performance.now() - start, profile })
    return ok ? OK : FAILED
  }
}

/** @throws FST_LIVE_RELOAD_NO_SUCH_BUILD */
function choose (builds: readonly BuildSettings[], { name }: Values): readonly BuildSettings[] {
  const names = name as readonly string[] | undefined
  const unknown = names?.find(each => !builds.some(build => build.name === each))
  if (unknown !== undefined) throw new errors.FST_LIVE_RELOAD_NO_SUCH_BUILD(unknown, builds.map(build => build.name).join(', '))
  return names === undefined ? builds : builds.filter(build => names.includes(build.name))
}
