// The message of an error: a headline, the rest, and the places that template engines name in it.
import { resolve } from 'node:path'
import { isWithin } from '../../shared/paths.js'
import { readText } from '../../shared/sources/source-text.js'
import { clean, clip } from '../../shared/text.js'

export interface Message {
  /** One line. */
  readonly headline: string
  /** What the headline does not say, with its line breaks. */
  readonly rest: string
}

/** A place in a file of the project. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly source: string
}

export interface ReadMessage extends Message {
  readonly places: readonly Place[]
}

const MAX_CHARACTERS = 10_000
const MAX_HEADLINE = 300
/** Lines that are searched for places. A longer one takes too much time. */
const MAX_LINES = 20
const MAX_LINE_CHARACTERS = 500
const MAX_PLACES = 3
/** What is shown: code and templates, by their names. */
export const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx?|x?html?|xml|svg|ejs|eta|pug|jade|hbs|handlebars|mustache|njk|nunj|nunjucks|liquid|twig|tpl|tmpl|dot|marko|[ps]?css|sass|less|styl|sql|graphql|gql)$/i
export const MAX_SOURCE_BYTES = 2 * 1024 * 1024
/** `>> 3| <%= name %>`, and what points at a column. */
const EXCERPT = /^\s*(?:>+\s*)?\d+\s*[|│]|^[-~^\s]+$/
/** A whole line that names a place: `file:3` of EJS, Pug and Eta, `(file) [Line 3, Column 5]` of Nunjucks. */
const WHOLE = [/^\(?(.+?):(\d+)(?::(\d+))?\)?:?$/, /^\((.+)\)(?: \[Line (\d+), Column (\d+)\])?$/]
/** A place among words: `file:x.liquid, line:2, col:1`, `in x.ejs while compiling`, `x.hbs:3:1`. */
const AMONG = [/\bfile:(.+?), line:(\d+), col:(\d+)/, / in (.+?) while compiling/, /([^\s"'`(),]+?):(\d+)(?::(\d+))?/]

export async function readMessage (text: string, cwd: string): Promise<ReadMessage> {
  const lines = clean(text, MAX_CHARACTERS).split('\n')
  const places: Place[] = []
  let first: number | undefined
  for (const [i, line] of lines.slice(0, MAX_LINES).map(line => line.slice(0, MAX_LINE_CHARACTERS).trim()).entries()) {
    const whole = await findPlace(WHOLE, line, cwd)
    const place = whole ?? await findPlace(AMONG, line, cwd)
    if (place !== undefined && places.length < MAX_PLACES) places.push(place)
    if (whole === undefined && line !== '' && !EXCERPT.test(line)) first ??= i
  }
  return { ...split(lines, first ?? 0), places }
}

/** The headline is the line `at`. The rest is all of the message, when lines before the headline give it its sense. */
function split (lines: readonly string[], at: number): Message {
  const full = (lines[at] as string).trim()
  const rest = lines.slice(at === 0 && full.length <= MAX_HEADLINE ? 1 : 0)
  return { headline: clip(full, MAX_HEADLINE), rest: rest.join('\n').trim() && rest.join('\n').replace(/^\n+|\s+$/g, '') }
}

async function findPlace (patterns: readonly RegExp[], text: string, cwd: string): Promise<Place | undefined> {
  for (const pattern of patterns) {
    const [, name, line = '1', column = '1'] = pattern.exec(text) ?? []
    const file = resolve(cwd, name ?? '')
    if (!SOURCE.test(file) || !isWithin(cwd, file)) continue
    const source = await readText(file, { within: cwd, maxBytes: MAX_SOURCE_BYTES })
    if (source !== undefined) return { file, line: Number(line), column: Number(column), source }
  }
  return undefined
}
