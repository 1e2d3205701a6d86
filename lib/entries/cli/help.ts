// The help, made from the table of commands.
import type { Command, Flag } from './command.js'

const PROGRAM = 'fastify-live-reload'

export function overview (commands: readonly Command[]): string {
  return [
    `Usage: ${PROGRAM} <command> [flags]`,
    '',
    ...columns([...commands.map(({ name, summary }): [string, string] => [name, summary]), ['help', 'shows this']]),
    '',
    `${PROGRAM} <command> --help lists the flags of a command, --version says which version this is.`
  ].join('\n')
}

export function helpOf ({ name, about, flags, words }: Command): string {
  return [
    `Usage: ${PROGRAM} ${name}${words === undefined ? '' : ` ${words}`} [flags]`,
    '',
    about,
    '',
    ...columns([...Object.entries(flags).map(([flag, { help, ...shown }]): [string, string] => [show(flag, shown), help]), ['--help', 'shows this']])
  ].join('\n')
}

function show (flag: string, { value }: Pick<Flag, 'value'>): string {
  return value === undefined ? `--${flag}` : `--${flag} ${value}`
}

function columns (rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
