// What a person or a program reads of the answers of servers.
import type { FoundServer } from '../../../shared/command-line/server-file.js'
import { printable } from '../../../shared/text.js'
import { UsageError } from '../command.js'
import type { Reply } from './ask.js'
import { placeOf } from './find.js'

const MAX_CHARACTERS = 400

/** @throws UsageError when no server could do it: a wrong name is the caller's mistake. Of several servers in one directory, one that can is enough. */
export function requireDone (replies: readonly Reply[]): readonly Reply[] {
  const done = replies.filter(({ status }) => status === 200)
  if (done.length === 0) throw new UsageError([...new Set(replies.map(({ body }) => body.message))].join('; '))
  return done
}

/** One JSON array on stdout, with an object for each server. Never its token. */
export function printJson (replies: readonly Reply[], toReport: (body: Reply['body']) => object = ({ epoch: _, ...rest }) => rest): void {
  const all = replies.map(({ server: { cwd, pid, url, socket }, body }) => ({ cwd, pid, url, ...socket !== undefined && { socket }, ...toReport(body) }))
  process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
}

export function printLine (server: FoundServer, text: string): void {
  process.stdout.write(`${placeOf(server)}: ${printable(text, MAX_CHARACTERS)}\n`)
}

/** `1 tab`, `2 tabs`. */
export function countOf (count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
