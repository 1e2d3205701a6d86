// Failures in words: one problem after the other, errors first.
import type { Diagnostic } from '../../../types/build.js'

export interface Failure {
  /** Of the builder. */
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface Problem extends Diagnostic {
  readonly builder: string
}

export function problemsOf (failures: readonly Failure[]): Problem[] {
  return failures
    .flatMap(({ name, diagnostics }): Problem[] => {
      const some = diagnostics.length > 0 ? diagnostics : [{ severity: 'error', message: '' } as const]
      return some.map(diagnostic => ({ ...diagnostic, builder: name }))
    })
    .sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
}

export function placeOf ({ file, line, column }: Diagnostic): string | undefined {
  return file === undefined ? undefined : [file, line, column].filter(part => part !== undefined).join(':')
}

export function messageOf ({ message }: Diagnostic): string {
  return message.trim() || 'The build failed without saying why.'
}

/** For the clipboard. */
export function textOf (problems: readonly Problem[]): string {
  return problems.map(problem => {
    const place = placeOf(problem)
    const head = `${problem.severity} in ${problem.builder}${place === undefined ? '' : ` at ${place}`}`
    return [head, messageOf(problem), problem.frame?.trim() && problem.frame].filter(Boolean).join('\n')
  }).join('\n\n')
}
