// What a program printed, as diagnostics: lines that look like an error, and the places near them.
import type { Diagnostic } from '../../../types/build.js'
import { stripTerminal } from '../../shared/text.js'
import { Places, type Place } from './places.js'

export const MAX_DIAGNOSTICS = 50
const MAX_LINE_CHARACTERS = 2_000
const MAX_FRAMES = 60
/** Lines between a place and the error it belongs to. */
const MAX_DISTANCE = 20
const MAX_DISTANCE_BEFORE = 8

/** `[11ty] `, `[plugin vite:vue] `: says who prints. */
const LABELS = /^\s*(?:\[(?![^\]]{0,60}(?:ERR|WARN))[\w@][^\]]{0,60}\]\s+)*/
const ERROR = /^[^\p{L}\p{N}]{0,10}(?:(?:[Uu]ncaught|[Uu]nhandled|[Ff]atal) )?((?:\w*[a-z])?(?:Error|Exception)(?=[:[\]]| \[| in\b)|[A-Z_]*ERROR|(?:panic|fatal|error)(?=\[|:| TS\d))(?: ?\[\w+\])?\]?(?: in\b|:|\s)\s*/u
const WARNING = /^(?:\(!\) |[^\p{L}\p{N}]{0,10}(?:node:\d+\) )?(?:\w*Warning|warning(?=:| TS\d)|WARN(?:ING)?)\]?(?: in\b|:|\s)\s*)/u
/** `Liquid Exception: ...`, `Template render error: ...`, `ejs: Unexpected token ...` */
const ERROR_WITHIN = /\b(?:\w*error|exception): (?=\S)|^[\w-]+: (?:unexpected|cannot|could not|unknown|invalid|missing|no such)\b/i
/** These count the columns of a place that follows from 0. */
const ESBUILD = /^\s*[✘▲X!] \[(?:ERROR|WARNING)\]|^ERROR:/
const WEBPACK = /^(?:ERROR|WARNING) in .*\d$/
const NOTE = /^(?:note|info|help|hint|remark)\b/i
const FRAME = /^\s+(?:at .|\.{3} \d+ lines )/
const CAUSE = /^\s+\[cause\]: (?:Error: )?(.+)$/
/** ESLint, Stylelint: places of a file that was named on a line of its own. */
const ROW = /^\s+(\d{1,7}):(\d{1,7})\s+(\S+)\s+(\S.*)$/
const ABOUT_FILE = /\b(?:trouble|template|compiling|parsing|rendering|transforming)\b/i
const CODE = /^\s*(?:[>❯|│┃╷╵╭╰─┌└·^]|\d+\s*[|│]|-+\^)/
/** Counts and endings: they say no more than the errors themselves. */
const SUMMARY = /^\W*(?:(?:[\w-]+ )?(?:build|compilation|rendering)\b.{0,60}\bfailed|(?:found )?\d+ (?:error|problem|warning)|errors? (?:during|while)|.{0,80}\b(?:compiled with \d|exited with code|command failed|ELIFECYCLE)|npm (?:err!|error))/i

interface Draft {
  readonly severity: Diagnostic['severity']
  readonly name: string
  readonly printed: string
  readonly at: number
  readonly frames: string[]
  /** Of a place on a later line. */
  readonly firstColumn: 0 | 1
  message: string
  place?: Place | undefined
}

/** `cwd` is where the program ran. Lines that are nothing of the kind are skipped. */
export function parseOutput (text: string, cwd: string): Diagnostic[] {
  const reader = new Reader(new Places(cwd))
  for (const line of stripTerminal(text).split('\n')) reader.read(line.slice(0, MAX_LINE_CHARACTERS))
  return reader.finish()
}

class Reader {
  readonly #places: Places
  readonly #drafts: Draft[] = []
  #at = 0
  /** A place that no error was printed for yet. */
  #before: { readonly place: Place, readonly at: number } | undefined
  #file: Place | undefined

  constructor (places: Places) {
    this.#places = places
  }

  read (line: string): void {
    this.#at++
    if (this.#drafts.length >= 2 * MAX_DIAGNOSTICS) return
    const open = this.#drafts.at(-1)
    if (FRAME.test(line)) return this.#readFrame(line, open)
    const cause = CAUSE.exec(line)?.[1]
    if (cause !== undefined && open !== undefined) {
      open.message += ` (${cause})`
      return
    }
    const row = this.#file && ROW.exec(line)
    if (row !== null && row !== undefined) return this.#readRow(row)
    const text = line.slice((LABELS.exec(line) as RegExpExecArray)[0].length)
    const place = this.#places.find(text)
    if (place !== undefined && place.start === 0) this.#readPlaced(text, place, open)
    else this.#readText(text, place, open)
  }

  #readFrame (line: string, open: Draft | undefined): void {
    if (open === undefined || open.frames.length >= MAX_FRAMES) return
    open.frames.push(line)
    const place = this.#places.find(line)
    if (place !== undefined) attach(open, place)
  }

  #readRow ([, line, column, sign, rest]: RegExpExecArray): void {
    const place = { ...this.#file as Place, line: Number(line), column: Number(column) }
    this.#open({ severity: /^(?:warn|⚠)/i.test(sign as string) ? 'warning' : 'error', printed: '', message: (rest as string).split(/\s{2,}/)[0] as string, place })
  }

  /** The line begins with a place. */
  #readPlaced (text: string, place: Place, open: Draft | undefined): void {
    const [, separator, rest = ''] = /^(["'`:\s-]*)(.*)$/.exec(text.slice(place.end)) as RegExpExecArray
    if (NOTE.test(rest)) return
    const mark = readMark(rest)
    if (mark === undefined && (rest === '' || !/:|-/.test(separator as string))) return this.#near(place, open)
    const column = ESBUILD.test(rest) && place.column !== undefined ? { column: place.column + 1 } : {}
    this.#open({ severity: 'error', printed: text, message: rest, ...mark, place: { ...place, ...column } })
  }

  #readText (text: string, place: Place | undefined, open: Draft | undefined): void {
    const mark = readMark(text)
    if (mark !== undefined) {
      const found = place ?? this.#places.findFile(text)
      const message = found === undefined ? mark.message : without(mark.message, text, found)
      // A heading that was a place alone: this is what it is about.
      if (open?.message === '' && this.#at - open.at <= MAX_DISTANCE) return fill(open, named(mark.name, message), found)
      const isFromZero = WEBPACK.test(text) && !text.includes('-', found?.start) && found?.column !== undefined
      return this.#open({ ...mark, printed: text, message, place: isFromZero ? { ...found, column: found.column as number + 1 } : found })
    }
    if (place !== undefined) return this.#near(place, open)
    if (open?.message === '' && this.#at - open.at <= MAX_DISTANCE && /[a-z]{2}/i.test(text) && !CODE.test(text)) return fill(open, text.trim())
    const file = text !== '' && (ABOUT_FILE.test(text) || !text.includes(' ')) ? this.#places.findFile(text) : undefined
    if (file === undefined) return
    this.#before = { place: file, at: this.#at }
    if (file.end === text.length) this.#file = file
  }

  /** A place without words: of the error above, or of the next one. */
  #near (place: Place, open: Draft | undefined): void {
    const isOpen = open !== undefined && this.#at - open.at <= MAX_DISTANCE
    if (!isOpen || !attach(open, open.firstColumn === 0 && place.column !== undefined ? { ...place, column: place.column + 1 } : place)) this.#before = { place, at: this.#at }
  }

  #open (draft: Pick<Draft, 'severity' | 'message' | 'printed' | 'place'> & { readonly name?: string }): void {
    const before = this.#before !== undefined && this.#at - this.#before.at <= MAX_DISTANCE_BEFORE ? this.#before.place : undefined
    this.#before = undefined
    // Node prints the place of a syntax error above it; the stack only says who loaded the file.
    const place = draft.place ?? (before !== undefined && (draft.name !== undefined && !/^SyntaxError$/.test(draft.name) && before.column === undefined && before.line !== undefined) ? { ...before, isOwn: false } : before)
    this.#drafts.push({ name: '', at: this.#at, frames: [], firstColumn: ESBUILD.test(draft.printed) ? 0 : 1, ...draft, place })
  }

  finish (): Diagnostic[] {
    const kept: Draft[] = []
    for (const draft of this.#drafts) {
      const same = kept.find(other => isSame(other, draft))
      if (same === undefined) kept.push(draft)
      else if (draft.place !== undefined) attach(same, draft.place)
    }
    const last = (draft: Draft) => Number(draft.place?.isOwn === false)
    return kept.sort((a, b) => last(a) - last(b)).slice(0, MAX_DIAGNOSTICS).map(toDiagnostic)
  }
}

/** What the beginning of a line says: how bad it is, and the name of the error. */
function readMark (text: string): { severity: Diagnostic['severity'], name: string, message: string } | undefined {
  if (SUMMARY.test(text)) return undefined
  const error = ERROR.exec(text)
  if (error !== null) return { severity: 'error', name: error[1] as string, message: text.slice(error[0].length) }
  const warning = WARNING.exec(text)
  if (warning !== null) return { severity: 'warning', name: '', message: text.slice(warning[0].length) }
  return ERROR_WITHIN.test(text.slice(0, 200)) ? { severity: 'error', name: '', message: text.replace(/^.{0,40}\bstack trace: (?:Error: )?/, '') } : undefined
}

/** Gives the error a place, unless it has a better one. */
function attach (draft: Draft, place: Place): boolean {
  const known = draft.place
  const isBetter = known === undefined || (place.isOwn && (!known.isOwn || (known.line === undefined && known.file === place.file)))
  if (isBetter) draft.place = place
  return isBetter
}

function fill (draft: Draft, message: string, place?: Place): void {
  draft.message = message
  if (place !== undefined) attach(draft, place)
}

/** The message without a place at its beginning or end. */
function without (message: string, text: string, { start, end }: Place): string {
  const offset = text.length - message.length
  const before = message.slice(0, Math.max(0, start - offset)).replace(/["'`([<]$/, '').trim()
  const after = message.slice(Math.max(0, end - offset)).replace(/^["'`)\]>:,\s-]{1,10}/, '').trim()
  if (/^(?:in|at|from)?$/.test(before)) return after
  if (after !== '') return message
  return before.endsWith(':') ? '' : before.replace(/(?: imported)? (?:in|in file|at|from)$/, '')
}

/** Tools repeat themselves: once per configuration, with what wrapped an error, and again in a summary. */
function isSame (one: Draft, other: Draft): boolean {
  const [a, b] = [one.place, other.place]
  if (one.severity !== other.severity) return false
  const isOneFile = a !== undefined && b !== undefined && a.file === b.file
  if (isOneFile && (a.line === undefined) !== (b.line === undefined)) return true
  const isOnePlace = isOneFile && a.line === b.line
  const isPlaced = a?.isOwn === true && b?.isOwn === true
  const [long, short] = one.message.length > other.message.length ? [one.message, other.message] : [other.message, one.message]
  return (isOnePlace || !isPlaced) && short !== '' && long.includes(short)
}

/** With the name of the error, where that says something. */
function named (name: string, message: string): string {
  return /[a-z](?:Error|Exception)$/.test(name) && message !== '' ? `${name}: ${message}` : message
}

function toDiagnostic ({ severity, name, message, printed, place, frames }: Draft): Diagnostic {
  return {
    severity,
    message: message === '' ? printed.trim() : named(name, message),
    ...place !== undefined && { file: place.file, ...place.line !== undefined && { line: place.line }, ...place.column !== undefined && { column: place.column } },
    ...frames.length > 0 && { stack: [`${name === '' ? '' : `${name}: `}${message}`, ...frames].join('\n') }
  }
}
