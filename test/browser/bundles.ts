// The page's scripts as tests load them: readable. Built once per state of the sources, not once per test file.
// Their source maps, for the coverage, are kept apart: they are three quarters of what a page would load.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const SOURCES = fileURLToPath(new URL('../../lib/browser/', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/live-reload-tests/', import.meta.url))
const ENTRIES = { client: ['client.ts', 'iife'], console: ['console.ts', 'iife'], more: ['lazy.ts', 'esm'], failures: ['overlay/overlay.ts', 'esm'], morph: ['morph/morph.ts', 'esm'], status: ['status/page.ts', 'iife'] } as const

export type BundlePath = `/__live/${keyof typeof ENTRIES}.js`
export interface Bundle { readonly code: string, readonly map: string }
type Bundles = Record<BundlePath, Bundle>

function build (): Bundles {
  return Object.fromEntries(Object.entries(ENTRIES).map(([name, [entry, format]]) => {
    const { outputFiles } = buildSync({ entryPoints: [join(SOURCES, entry)], bundle: true, format, target: 'chrome111', sourcemap: 'external', write: false, outdir: fileURLToPath(new URL('.', import.meta.url)) })
    const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text
    return [`/__live/${name}.js`, { code: textOf('.js'), map: textOf('.map') }]
  })) as Bundles
}

function hashOfSources (): string {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)))
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).sort()) hash.update(name).update(readFileSync(join(SOURCES, name)))
  return hash.digest('hex').slice(0, 16)
}

function readOrBuild (): Bundles {
  const file = join(CACHE, `${hashOfSources()}.json`)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Bundles
  } catch {
    const bundles = build()
    mkdirSync(CACHE, { recursive: true })
    // Renamed in one step: another test file may read it at the same time.
    const temporary = join(CACHE, `${process.pid}-${basename(file)}`)
    writeFileSync(temporary, JSON.stringify(bundles))
    renameSync(temporary, file)
    return bundles
  }
}

/** By the end of the address. */
export const BUNDLES = readOrBuild()
