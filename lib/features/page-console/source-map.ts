// Places in what a bundler wrote -> places in what somebody wrote, by the source maps that lie beside the scripts.
import { readFile, stat } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, isAbsolute, relative, resolve } from 'node:path'

export interface MapperParts {
  /** The file a script's path is served from, if it is one of ours. */
  find (path: string): Promise<string | undefined>
  readonly cwd: string
}

/** The same text, with places of its stack as they are in the sources. */
export type MapPlaces = (text: string) => Promise<string>

interface Known {
  readonly mark: string
  readonly map: SourceMap | undefined
  /** Of the map, or of the script it is in. */
  readonly folder: string
}

/** Frames that are mapped, maps that are kept, and bytes of a script or a map that is read. */
const FRAMES = 10
const KEPT = 20
const LARGEST = 8 * 1024 * 1024
/** `at name (/app.js?v=1:2:3)`, `name@/app.js:2:3`. The page has taken its own origin off. */
const PLACE = /(^\s*at (?:.* \()?|@)(\/[^\s()]*?):(\d+):(\d+)(?=\)?\s*$)/
const REFERENCE = /\/[/*]# sourceMappingURL=([^\s*]+)\s*(?:\*\/)?\s*$/

export function createMapper ({ find, cwd }: MapperParts): MapPlaces {
  const known = new Map<string, Known>()

  async function mapOf (path: string): Promise<Known | undefined> {
    const script = await find(path)
    if (script === undefined) return undefined
    const mark = await markOf(script)
    const found = known.get(script)
    if (found?.mark === mark) return found
    const fresh = { mark, ...await load(path, script) }
    known.delete(script)
    known.set(script, fresh)
    if (known.size > KEPT) known.delete(known.keys().next().value as string)
    return fresh
  }

  async function load (path: string, script: string): Promise<Omit<Known, 'mark'>> {
    const reference = REFERENCE.exec((await readSmall(script)).slice(-LARGEST))?.[1]
    if (reference === undefined) return { map: undefined, folder: '' }
    const data = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(reference)
    if (data !== null) return { map: parse(data[1] === undefined ? decodeURIComponent(data[2] as string) : Buffer.from(data[2] as string, 'base64').toString()), folder: dirname(script) }
    const url = new URL(reference, `http://localhost${path}`)
    const file = url.host === 'localhost' ? await find(url.pathname) : undefined
    return file === undefined ? { map: undefined, folder: '' } : { map: parse(await readSmall(file)), folder: dirname(file) }
  }

  async function mapLine (line: string, [whole, before, url, row, column]: readonly string[]): Promise<string> {
    // What can not be read or understood is no map: the place stays what it is.
    const found = await mapOf((url as string).replace(/[?#].*$/, '')).catch(() => undefined)
    const entry = found?.map?.findEntry(Number(row) - 1, Number(column) - 1)
    if (found === undefined || entry === undefined || !('originalSource' in entry)) return line
    const place = `${shorten(entry.originalSource, found)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    return line.replace(whole as string, () => `${before}${place}`)
  }

  function shorten (source: string, { map, folder }: Known): string {
    if (/^[a-z][\w+.-]+:/i.test(source)) return source
    const way = relative(cwd, resolve(folder, map?.payload.sourceRoot ?? '', source)).replaceAll('\\', '/')
    return way.startsWith('../') || isAbsolute(way) ? source : way
  }

  return async text => {
    let left = FRAMES
    const lines: string[] = []
    for (const line of text.split('\n')) {
      const place = PLACE.exec(line)
      lines.push(place !== null && left-- > 0 ? await mapLine(line, place) : line)
    }
    return lines.join('\n')
  }
}

async function markOf (file: string): Promise<string> {
  const { mtimeMs, size } = await stat(file)
  return `${mtimeMs} ${size}`
}

async function readSmall (file: string): Promise<string> {
  if ((await stat(file)).size > LARGEST) throw new Error('too large')
  return await readFile(file, 'utf8')
}

function parse (text: string): SourceMap {
  return new SourceMap(JSON.parse(text.replace(/^\)\]\}'[^\n]*/, '')) as SourceMapPayload)
}
