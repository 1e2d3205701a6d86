// A failure in words: on the screen, for the clipboard.
import type { Diagnostic } from '../../../types/build.js'

export interface Problem extends Diagnostic {
  /** Of the builder. */
  readonly builder: string
}

export function placeOf ({ file, line, column }: Diagnostic): string | undefined {
  return file === undefined ? undefined : [file, line, column].filter(part => part !== undefined).join(':')
}

export function originOf ({ builder, shard }: Problem, between: string): string {
  return [builder, shard].filter(Boolean).join(between)
}

export function messageOf ({ message }: Diagnostic): string {
  return message.trim() || 'The build failed without saying why.'
}

export function textOf (problem: Problem): string {
  const place = placeOf(problem)
  const head = `${problem.severity} in ${originOf(problem, ', ')}${place === undefined ? '' : ` at ${place}`}`
  return [head, messageOf(problem), problem.frame?.trim() && problem.frame].filter(Boolean).join('\n')
}
