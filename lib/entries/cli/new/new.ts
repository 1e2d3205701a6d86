// `fastify-live-reload new`: makes an app from a blueprint.
import { PRIORITY_VARIABLE } from '../../../builds/processes/priority.js'
import { runProgram } from '../../../builds/processes/run.js'
import { printable } from '../../../shared/text.js'
import { FAILED, OK, textOf, UsageError, type Command, type Values } from '../command.js'
import { onInterrupt } from '../interrupt.js'
import { languageOf, planApp, type AppFiles } from './app.js'
import { BLUEPRINTS, readBlueprint, type Language } from './blueprint.js'
import { findTarget, Staging } from './target.js'

const INSTALL = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error']
const MAX_CHARACTERS = 300
/** For npm to end, so that nothing of what it has installed is left. */
const STOP_TIMEOUT_MS = 5_000

export const newCommand: Command = {
  name: 'new',
  summary: 'makes a new app with live reload',
  about: 'Makes a directory with a new app, and installs its packages by npm. Exits: 0 made, 1 npm could not install, 2 wrong flags or a wrong blueprint. Without 0 nothing was made.',
  words: '<directory>',
  flags: {
    blueprint: { type: 'string', value: `${BLUEPRINTS.join('|')}|<file>`, help: `what the app consists of (default: ${BLUEPRINTS[0]})` },
    js: { type: 'boolean', help: 'in JavaScript' },
    ts: { type: 'boolean', help: 'in TypeScript' },
    'no-install': { type: 'boolean', help: 'leaves npm install to you' },
    json: { type: 'boolean', help: 'prints one JSON report on stdout, and nothing else there' }
  },
  async run (values, [directory]) {
    const start = performance.now()
    const cwd = process.cwd()
    if (directory === undefined || directory === '') throw new UsageError('name the directory of the new app: npx fastify-live-reload new my-app')
    const target = findTarget(directory, cwd)
    const blueprint = await readBlueprint(textOf(values, 'blueprint') ?? BLUEPRINTS[0] as string, cwd)
    const language = languageOf(blueprint, askedLanguage(values))
    const files = planApp(blueprint, { ...target, language })
    const installs = values['no-install'] !== true
    const failure = await make(new Staging(target), files, installs)
    if (failure !== undefined) {
      process.stderr.write(`${printable(failure)}\n`)
      return FAILED
    }
    const ms = Math.round(performance.now() - start)
    if (values.json === true) print(JSON.stringify({ name: target.name, directory: target.directory, blueprint: blueprint.name, language, files: [...files.keys()], installed: installs, ms }, null, 2))
    else print([`${directory}: ${files.size} files of the blueprint ${blueprint.name}, made in ${(ms / 1000).toFixed(1)} s`, `  cd ${directory}`, ...installs ? [] : ['  npm install'], '  npm run dev'].join('\n'))
    return OK
  }
}

function askedLanguage ({ js, ts }: Values): Language | undefined {
  if (js === true && ts === true) throw new UsageError('take --js or --ts, not both')
  return js === true ? 'js' : ts === true ? 'ts' : undefined
}

/** Gives why npm could not install. Then, and after a signal, nothing is left. */
async function make (staging: Staging, files: AppFiles, installs: boolean): Promise<string | undefined> {
  const interrupted = new AbortController()
  let installing: Promise<string | undefined> | undefined
  const forget = onInterrupt(async () => {
    interrupted.abort()
    await installing
    staging.remove()
  }, STOP_TIMEOUT_MS)
  try {
    staging.write(files)
    installing = installs ? install(staging.path, interrupted.signal) : undefined
    const failure = await installing
    if (failure === undefined) staging.move()
    return failure
  } finally {
    staging.remove()
    forget()
  }
}

async function install (cwd: string, signal: AbortSignal): Promise<string | undefined> {
  // The person waits for it.
  process.env[PRIORITY_VARIABLE] ??= 'normal'
  process.stderr.write('npm install ...\n')
  const { ok, reason, output } = await runProgram(INSTALL, { cwd, env: {}, signal, killDelay: () => 0 })
  if (ok) return undefined
  const why = whyNot(output)
  // Trying again does not help.
  const remedy = why.startsWith('404 ') ? 'Add --no-install, and install that package from where it is' : 'Try again with a network, or add --no-install and install later'
  return `npm install ${reason}, so nothing was made: ${why}. ${remedy}`
}

/** The first line in which npm says more than a code. */
function whyNot (output: string): string {
  const lines = output.split('\n').flatMap(line => /^npm (?:error|ERR!) (?!code |errno |syscall |network$)(.+)/.exec(line)?.[1] ?? [])
  return (lines[0] ?? output.trim().split('\n')[0] as string).slice(0, MAX_CHARACTERS).replace(/[.\s]+$/, '')
}

function print (text: string): void {
  process.stdout.write(`${text}\n`)
}
