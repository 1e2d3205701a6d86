// What a command is: its flags, its help and its work, in one table.

export interface Flag {
  readonly type: 'string' | 'boolean'
  /** Shown behind the flag in the help: `<file>`. */
  readonly value?: string
  readonly help: string
  /** May be given more than once. */
  readonly multiple?: boolean
}

/** By name, without the dashes. */
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

export interface Command {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Lines below the usage. */
  readonly about: string
  readonly flags: Readonly<Record<string, Flag>>
  /** Words that may follow the flags, as the help shows them: `[path...]`. One without dots is taken once. @default none */
  readonly words?: string
  /** @returns the exit code */
  run (values: Values, words: readonly string[]): Promise<number>
}

/** 0: done. */
export const OK = 0
/** A build failed. */
export const FAILED = 1
/** Wrong flags or a wrong config: nothing was done. */
export const USAGE = 2
/** No server is there to be told. */
export const NO_SERVER = 3

/** Wrong flags or a wrong config. The message is one line that says what to do. */
export class UsageError extends Error {}

/** Nobody was told. The message is one line that says what to do. */
export class NoServerError extends Error {}

/** A flag that takes one text. */
export function textOf (values: Values, name: string): string | undefined {
  return values[name] as string | undefined
}

/** A whole number from 1. @throws UsageError */
export function countOf (values: Values, name: string): number {
  const text = String(values[name])
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`--${name} must be a whole number from 1, got ${JSON.stringify(text)}`)
  return Number(text)
}

/** One of a few words. @throws UsageError */
export function wordOf<const W extends string> (values: Values, name: string, words: readonly W[]): W | undefined {
  const text = textOf(values, name)
  if (text !== undefined && !words.includes(text as W)) throw new UsageError(`--${name} must be ${words.join(' or ')}, got ${JSON.stringify(text)}`)
  return text as W | undefined
}
