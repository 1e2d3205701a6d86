// Coverage of the page's code: what V8 counted in the tests' pages, mapped back to lib/browser/*.ts.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from 'playwright-core'
import toIstanbul from 'v8-to-istanbul'
import { devtools } from '../support/browser.js'
import { type BundlePath, BUNDLES } from './bundles.js'

const FOLDER = new URL('../../lib/browser/', import.meta.url)
/** Files of types alone, or of names of others. */
const TYPES = new Set(['preserve/keeper.ts', 'lazy.ts', 'page/client.ts', 'page/notice.ts'])

interface Range { startOffset: number, endOffset: number, count: number }

const PATHS = Object.keys(BUNDLES) as BundlePath[]

/** One byte per character of each bundle: 1 when any document of any test ran it. */
const ran = Object.fromEntries(PATHS.map(path => [path, new Uint8Array(BUNDLES[path].code.length)])) as Record<BundlePath, Uint8Array>

/** Functions come outer ones first; one that is left out did not run, and neither did the one around it. */
async function snapshot (session: CDPSession): Promise<void> {
  const { result } = await session.send('Profiler.takePreciseCoverage')
  for (const { url, functions } of result) {
    const path = PATHS.find(path => url.includes(path))
    if (!path) continue
    const painted = new Uint8Array(BUNDLES[path].code.length)
    for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
      painted.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    }
    ran[path].forEach((hit, i, all) => { all[i] = hit | (painted[i] ?? 0) })
  }
}

/**
 * Starts counting; what comes back takes the result. V8 starts from zero with every document, so only what the last one
 * ran is seen: lines that end a document need a case in which it survives (a reload answered with 204, a refused one).
 */
export async function count (page: Page): Promise<() => Promise<void>> {
  const session = await devtools(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  return () => snapshot(session)
}

/** Lines that no document ran, by file. What both bundles hold has to run in one of them. */
export async function missedLines (): Promise<Record<string, number[]>> {
  const missed: Record<string, number[]> = {}
  for (const path of PATHS) {
    for (const [file, lines] of Object.entries(await missedIn(path))) {
      missed[file] = missed[file]?.filter(line => lines.includes(line)) ?? lines
    }
  }
  return missed
}

/** The files of the page's client below a folder, each with the lines that no document ran. */
export async function missesIn (below: (name: string) => boolean): Promise<Record<string, number[] | undefined>> {
  const missed = await missedLines()
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts') && !TYPES.has(name) && below(name))
  return Object.fromEntries(names.map(name => [name, missed[fileURLToPath(new URL(name, FOLDER))]]))
}

async function missedIn (path: BundlePath): Promise<Record<string, number[]>> {
  const { code: source, map } = BUNDLES[path]
  const ranges: Range[] = [{ startOffset: 0, endOffset: source.length, count: 1 }]
  ran[path].forEach((hit, i) => {
    const last = ranges.at(-1)
    if (hit) return
    // A range for each line: one that reaches from a source into the next would be mapped to neither.
    if (last?.count === 0 && last.endOffset === i && source[i - 1] !== '\n') last.endOffset++
    else ranges.push({ startOffset: i, endOffset: i + 1, count: 0 })
  })
  const converter = toIstanbul(new URL('client.js', import.meta.url).pathname, 0, { source, originalSource: source, sourceMap: { sourcemap: JSON.parse(map) } })
  await converter.load()
  converter.applyCoverage([{ functionName: '', isBlockCoverage: true, ranges }])
  return Object.fromEntries(Object.entries(converter.toIstanbul()).map(([file, { s, statementMap }]) =>
    [file, Object.keys(s).filter(id => s[id] === 0).map(id => statementMap[id]?.start.line ?? 0)]))
}
