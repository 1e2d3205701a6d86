// The page's scripts as tests load them: readable and with source maps, for the coverage. Built once per state of the sources, not once per test file.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const SOURCES = fileURLToPath(new URL('../../lib/browser/', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/live-reload-tests/', import.meta.url))
const ENTRIES = { client: ['client.ts', 'iife'], console: ['console.ts', 'iife'], more: ['lazy.ts', 'esm'], morph: ['morph/morph.ts', 'esm'], status: ['status/page.ts', 'iife'] } as const

export type BundlePath = `/__live/${keyof typeof ENTRIES}.js`
type Bundles = Record<BundlePath, string>

function build (): Bundles {
  return Object.fromEntries(Object.entries(ENTRIES).map(([name, [entry, format]]) => {
    const { outputFiles } = buildSync({ entryPoints: [join(SOURCES, entry)], bundle: true, format, target: 'chrome111', sourcemap: 'inline', write: false, outdir: fileURLToPath(new URL('.', import.meta.url)) })
    return [`/__live/${name}.js`, outputFiles[0]?.text]
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
