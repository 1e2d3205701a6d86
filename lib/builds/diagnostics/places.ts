// Finds places in printed lines: `path:line:column` and the other forms in use, of files that exist.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isWithin } from '../../shared/paths.js'
import { isDependency, toPath } from '../../shared/sources/stack-frames.js'

export interface Place {
  /** Absolute. */
  readonly file: string
  /** Absent where only the file is named. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  /** In the project, and not in an installed package. */
  readonly isOwn: boolean
  /** Where it begins and ends in the line. */
  readonly start: number
  readonly end: number
}

// path:1 path:1:2 | path(1,2) path (1:2) | path 1:2 | path, line 1, column 2
const AFTER_PATH = /["'`]?(?::(\d{1,7})(?::(\d{1,7}))?| ?\((\d{1,7})([,:])(\d{1,7})\)| (\d{1,7}):(\d{1,7})(-[\d:]{1,15})?|,? (?:on )?line:? ?(\d{1,7})(?:,? col(?:umn)?:? ?(\d{1,7}))?)(?!\d)/g
const WORD = /[^\s"'`()[\]<>,;]+/g
const BEFORE_PATH = /[\s"'`([<|=]/
const MAX_PATH_CHARACTERS = 300
/** A path may contain spaces. */
const MAX_WORDS_IN_PATH = 6
const MAX_WORDS_IN_LINE = 24
/** Looking for a file takes a while, and hostile output names many. */
const MAX_LOOKUPS = 500

export class Places {
  readonly #dir: string
  readonly #found = new Map<string, string | undefined>()

  /** Relative paths begin at `dir`. */
  constructor (dir: string) {
    this.#dir = dir
  }

  /** The place that the line begins with. Otherwise the last one: what wraps an error comes before it. Places of the project are preferred. */
  find (line: string): Place | undefined {
    let found: Place | undefined
    for (const match of line.matchAll(AFTER_PATH)) {
      const place = this.#before(line, match)
      if (place !== undefined && (place.isOwn || found?.isOwn !== true)) found = place
      if (place !== undefined && line.slice(0, place.start).trim() === '') return place
    }
    return found
  }

  /** A file of the project that the line names, with a place in parentheses if there is one. */
  findFile (line: string): Place | undefined {
    let words = 0
    for (const { 0: word, index } of line.matchAll(WORD)) {
      if (++words > MAX_WORDS_IN_LINE) return undefined
      const name = word.replace(/[.:]$/, '')
      const file = /[./\\]/.test(name) ? this.#lookUp(name) : undefined
      if (file === undefined || !this.#isOwn(file)) continue
      const [, row, column] = /\((\d{1,7}):(\d{1,7})\)/.exec(line) ?? []
      return { file, isOwn: true, start: index, end: index + name.length, ...row !== undefined && { line: Number(row), column: Number(column) + 1 } }
    }
    return undefined
  }

  #before (line: string, match: RegExpExecArray): Place | undefined {
    const [whole, colonLine, colonColumn, bracketLine, separator, bracketColumn, spaceLine, spaceColumn, range, wordLine, wordColumn] = match
    const row = colonLine ?? bracketLine ?? spaceLine ?? wordLine
    const column = colonColumn ?? bracketColumn ?? spaceColumn ?? wordColumn
    // JavaScript parsers print (line:column) and webpack line:column-column with columns from 0.
    const first = separator === ':' || range !== undefined ? 0 : 1
    const end = match.index
    for (let start = end - 1, words = 0; start >= 0 && start > end - MAX_PATH_CHARACTERS && words < MAX_WORDS_IN_PATH; start--) {
      if (start > 0 && !BEFORE_PATH.test(line[start - 1] as string)) continue
      const file = this.#lookUp(line.slice(start, end))
      if (file !== undefined) return { file, isOwn: this.#isOwn(file), start, end: end + whole.length, line: Number(row), ...column !== undefined && { column: Number(column) + 1 - first } }
      words++
    }
    return undefined
  }

  #isOwn (file: string): boolean {
    return isWithin(this.#dir, file) && !isDependency(file)
  }

  #lookUp (text: string): string | undefined {
    if (this.#found.has(text) || this.#found.size >= MAX_LOOKUPS) return this.#found.get(text)
    const bare = text.replace(/\?.*$/, '')
    const path = toPath(bare.replace(/^file:(?!\/\/)/, '')) ?? resolve(this.#dir, bare.replace(/^file:/, ''))
    const file = /^\d*$/.test(text) || !isFile(path) ? undefined : path
    this.#found.set(text, file)
    return file
  }
}

function isFile (path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    // No directory, too long, or out of reach.
    return false
  }
}
