// A failure in words: on the screen, for the clipboard.
import type { Diagnostic } from '../../../types/build.js'
import { clean } from './clean.js'

export interface Problem extends Diagnostic {
  /** Of the builder. */
  readonly builder: string
}

const MOST = 20_000

export function placeOf ({ file, line, column }: Diagnostic): string | undefined {
  if (file === undefined) return undefined
  return [clean(file, 300).replaceAll('\n', '\u240a'), line, column].filter(part => part !== undefined).join(':')
}

export function messageOf ({ message }: Diagnostic): string {
  return clean(message, MOST).trim() || 'The build failed without saying why.'
}

export function textOf (problem: Problem): string {
  const place = placeOf(problem)
  const from = problem.shard === undefined ? problem.builder : `${problem.builder}, ${problem.shard}`
  const lines = [`${problem.severity} in ${clean(from, 200)}${place === undefined ? '' : ` at ${place}`}`, messageOf(problem)]
  if (problem.frame?.trim()) lines.push(clean(problem.frame, MOST))
  return lines.join('\n')
}
