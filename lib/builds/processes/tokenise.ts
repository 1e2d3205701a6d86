// Splits a command into arguments without a shell. Refuses what only a shell understands, and says what to write instead.
import { errors } from '../../errors.js'

/** `NODE_ENV=production webpack`: a shell sets the variable, and nothing else does. */
const ASSIGNMENT = /^([A-Za-z_]\w*)=/
const SHELL = ['&&', '||', '$(', '|', ';', '>', '<', '`', '&'] as const

/** @throws FST_LIVE_RELOAD_INVALID_COMMAND */
export function tokenise (command: string): string[] {
  const words: string[] = []
  let word = ''
  // A quoted word may be empty.
  let inWord = false
  let quote: string | undefined
  for (let i = 0; i < command.length; i++) {
    const char = command[i] as string
    const next = command[i + 1]
    if (/\s/.test(char) && quote === undefined) {
      if (inWord) words.push(word)
      word = ''
      inWord = false
      continue
    }
    inWord = true
    if (quote === undefined && /["']/.test(char)) quote = char
    else if (char === quote) quote = undefined
    else if (char === '\\' && next !== undefined && (quote === undefined || (quote === '"' && /["\\]/.test(next)))) word += command[++i]
    else {
      if (quote === undefined) rejectShellSyntax(command, i)
      word += char
    }
  }
  if (quote !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_COMMAND(JSON.stringify(command), `has an open quote: ${quote}`)
  if (inWord) words.push(word)
  return words
}

/** Checks a command, and splits it when it is a string. @throws FST_LIVE_RELOAD_INVALID_COMMAND */
export function toArgv (command: unknown): readonly string[] {
  const argv: unknown = typeof command === 'string' ? tokenise(command) : command
  const shown = JSON.stringify(command) ?? typeof command
  if (!isArgv(argv)) {
    throw new errors.FST_LIVE_RELOAD_INVALID_COMMAND(shown, 'must be a string or an array of strings that begins with a program')
  }
  const variable = typeof command === 'string' ? ASSIGNMENT.exec(argv[0] as string)?.[1] : undefined
  if (variable !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_COMMAND(shown, `begins with a variable (${variable}), and there is no shell: leave it out, and set it by \`env\` of command() or of the hook`)
  if (argv.some(word => word.includes('\0'))) throw new errors.FST_LIVE_RELOAD_INVALID_COMMAND(shown, 'has a NUL character')
  return argv
}

function isArgv (argv: unknown): argv is string[] {
  return Array.isArray(argv) && argv.length > 0 && argv[0] !== '' && argv.every(word => typeof word === 'string')
}

function rejectShellSyntax (command: string, index: number): void {
  const syntax = SHELL.find(one => command.startsWith(one, index))
  if (syntax === undefined) return
  throw new errors.FST_LIVE_RELOAD_INVALID_COMMAND(JSON.stringify(command),
    `uses shell syntax (${syntax}), and there is no shell: quote it, pass an array of arguments, use steps() or several hooks for several commands, or run a shell on purpose: ['sh', '-c', ${JSON.stringify(command)}]`)
}
