// Translates places in a bundle to places in its sources, by the source maps beside the scripts.
import { stat } from 'node:fs/promises'
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'
import { dirname, resolve } from 'node:path'
import { isWithin, shortenPath } from '../../shared/paths.js'
import { statFingerprint } from '../../shared/fingerprint.js'
import { readText } from '../../shared/sources/source-text.js'
import { parseStackFrame, type StackFrame } from '../../shared/sources/stack-frames.js'

export interface MapperParts {
  /** The file behind the URL path of a script, if a root has it. */
  find (path: string): Promise<string | undefined>
  readonly cwd: string
}

/** Returns the text with the places of its stack replaced by those in the sources. */
export type MapPlaces = (text: string) => Promise<string>

interface Entry {
  readonly fingerprint: string
  readonly map: SourceMap | undefined
  /** Folder of the map, or of the script that contains it. */
  readonly folder: string
}

const MAX_FRAMES = 10
const MAX_CACHED_MAPS = 20
/** Of a script or a map. */
const MAX_FILE_BYTES = 8 * 1024 * 1024
const REFERENCE = /\/[/*]# sourceMappingURL=([^\s*]+)\s*(?:\*\/)?\s*$/

export function createMapper (parts: MapperParts): MapPlaces {
  const cache = new Map<string, Entry>()
  return async text => {
    let left = MAX_FRAMES
    const lines: string[] = []
    for (const line of text.split('\n')) {
      const frame = parseStackFrame(line)
      // The client has removed the page's own origin: scripts of this server are paths.
      lines.push(frame?.source.startsWith('/') && left-- > 0 ? await mapLine(line, frame, parts, cache).catch(() => line) : line)
    }
    return lines.join('\n')
  }
}

/** Rejects when the map cannot be read, or says something that no map should. */
async function mapLine (line: string, { source, line: row, column, range: [start, end] }: StackFrame, parts: MapperParts, cache: Map<string, Entry>): Promise<string> {
  const found = await mapOf(source.replace(/[?#].*$/, ''), parts, cache)
  const { originalSource, originalLine = -1, originalColumn = -1 }: Partial<SourceMapping> = found?.map?.findEntry(row - 1, column - 1) ?? {}
  // Node does not check what a map says.
  if (found === undefined || typeof originalSource !== 'string' || originalLine < 0 || originalColumn < 0) return line
  const place = `${shorten(originalSource, found, parts.cwd)}:${originalLine + 1}:${originalColumn + 1}`
  return line.slice(0, start) + place + line.slice(end)
}

async function mapOf (path: string, { find }: MapperParts, cache: Map<string, Entry>): Promise<Entry | undefined> {
  const script = await find(path)
  if (script === undefined) return undefined
  const fingerprint = statFingerprint(await stat(script))
  const cached = cache.get(script)
  if (cached?.fingerprint === fingerprint) return cached
  const fresh = { fingerprint, ...await load(path, script, find) }
  cache.delete(script)
  cache.set(script, fresh)
  if (cache.size > MAX_CACHED_MAPS) cache.delete(cache.keys().next().value as string)
  return fresh
}

async function load (path: string, script: string, find: MapperParts['find']): Promise<Omit<Entry, 'fingerprint'>> {
  const reference = REFERENCE.exec(await readSmall(script))?.[1]
  if (reference === undefined) return { map: undefined, folder: '' }
  const data = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(reference)
  if (data !== null) return { map: parse(data[1] === undefined ? decodeURIComponent(data[2] as string) : Buffer.from(data[2] as string, 'base64').toString()), folder: dirname(script) }
  const url = new URL(reference, `http://localhost${path}`)
  const file = url.host === 'localhost' ? await find(url.pathname) : undefined
  return file === undefined ? { map: undefined, folder: '' } : { map: parse(await readSmall(file)), folder: dirname(file) }
}

function shorten (source: string, { map, folder }: Entry, cwd: string): string {
  if (/^[a-z][\w+.-]+:/i.test(source)) return source
  const file = resolve(folder, map?.payload.sourceRoot ?? '', source)
  return isWithin(cwd, file) ? shortenPath(cwd, file) : source
}

async function readSmall (file: string): Promise<string> {
  return await readText(file, { maxBytes: MAX_FILE_BYTES, longer: 'refuse' }) ?? ''
}

function parse (text: string): SourceMap {
  return new SourceMap(JSON.parse(text.replace(/^\)\]\}'[^\n]*/, '')) as SourceMapPayload)
}
