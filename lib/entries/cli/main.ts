// Command line -> command -> exit code.
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { printable } from '../../shared/text.js'
import { VERSION } from '../distributed/wire/version.js'
import { NO_SERVER, NoServerError, OK, USAGE, UsageError, type Command, type Values } from './command.js'
import { helpOf, overview } from './help.js'

export async function main (args: readonly string[], commands: readonly Command[]): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '--version' || name === '-v') return print(VERSION)
  if (name === '' || name === 'help' || name === '--help' || name === '-h') return name === '' ? refuse(overview(commands)) : print(overview(commands))
  const command = commands.find(one => one.name === name)
  if (command === undefined) return refuse(`there is no command ${printable(name, 60)}; known are ${commands.map(one => one.name).join(', ')}`)
  try {
    const { values, words } = readFlags(command, rest)
    return values.help === true ? print(helpOf(command)) : await command.run(values, words)
  } catch (error) {
    if (error instanceof NoServerError) return refuse(printable(error.message), NO_SERVER)
    if (!isMistake(error)) throw error
    return refuse(printable(error.message))
  }
}

/** Wrong flags, and wrong options in a config. */
function isMistake (error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && /^FST_LIVE_RELOAD_/.test(String(Reflect.get(error, 'code'))))
}

/** @throws UsageError */
function readFlags ({ name, flags, words }: Command, args: string[]): { values: Values, words: readonly string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } }
  for (const [flag, { type, multiple = false }] of Object.entries(flags)) options[flag] = { type, multiple }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: words !== undefined })
    if (positionals.length > 1 && words?.includes('...') !== true) throw new Error(`Unexpected argument '${positionals[1]}'`)
    return { values: values as Values, words: positionals }
  } catch (error) {
    // Its first sentence says what is wrong.
    const [what = ''] = (error as Error).message.split(/\.\s|\n/)
    throw new UsageError(`${what.replace(/\.$/, '')}; see fastify-live-reload ${name} --help`)
  }
}

function print (text: string): number {
  process.stdout.write(`${text}\n`)
  return OK
}

function refuse (text: string, code = USAGE): number {
  process.stderr.write(`${text}\n`)
  return code
}
