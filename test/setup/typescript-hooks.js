// Module hooks: `./x.js` means x.ts where only that exists, and types are blanked out. Positions stay, so stacks and coverage need no source map.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/live-reload-tests/', import.meta.url))
mkdirSync(CACHE, { recursive: true })

export function resolve (specifier, context, nextResolve) {
  if (/^(\.{0,2}\/|file:)/.test(specifier) && specifier.endsWith('.js') && !context.parentURL?.includes('/node_modules/')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL)
    if (existsSync(url) && !existsSync(new URL(specifier, context.parentURL))) return { url: url.href, format: 'module', shortCircuit: true }
  }
  return nextResolve(specifier, context)
}

export async function load (url, context, nextLoad) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return await nextLoad(url, context)
  return { format: 'module', source: await blankTypes(readFileSync(fileURLToPath(new URL(url)), 'utf8')), shortCircuit: true }
}

/** Loading the compiler takes longer than all of the rest, so results are kept by the hash of the source. */
async function blankTypes (source) {
  const kept = join(CACHE, createHash('sha256').update(source).digest('hex'))
  if (existsSync(kept)) return readFileSync(kept, 'utf8')
  const { default: blank } = await import('ts-blank-space')
  const blanked = blank(source)
  const draft = `${kept}.${process.pid}.${performance.now()}`
  writeFileSync(draft, blanked)
  renameSync(draft, kept)
  return blanked
}
