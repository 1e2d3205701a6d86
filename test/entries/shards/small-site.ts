// A small site of text files, its module, and builders of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'
import type { Page, ShardedBuilder, ShardedOptions } from '../../../types/shards.js'
import { fileCache } from '../../../lib/entries/shards/cache/file-cache.js'
import { local } from '../../../lib/entries/shards/run/local.js'
import { sharded } from '../../../lib/entries/shards/sharded.js'
import { contextOf, requestOf, type Listening } from '../../builds/builders/conformance.js'
import { folder, type Folder } from '../../support/folder.js'

/** Renders `src/a.txt` to `a.html`. What a source says is done: `throw`, `exit`, `hang`, `rubbish`, `warn`. */
export const MODULE = `
import { appendFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
export default async function * ({ shardId, pages, globals, cwd, profile }) {
  appendFileSync(join(cwd, 'built.log'), shardId + '\\n')
  for (const { id, file, section = '', kind = '', data = {}, deps = [] } of pages) {
    const text = file === undefined ? JSON.stringify(data) : readFileSync(resolve(cwd, file), 'utf8')
    if (text.includes('throw')) throw new Error('broken: ' + id)
    if (text.includes('exit')) process.exit(3)
    if (text.includes('loop')) for (;;);
    if (text.includes('rubbish')) yield { sitemapEntries: [{ url: 5 }] }
    if (text.includes('hang')) await new Promise(() => {})
    const name = id.replace('.txt', '')
    const url = '/' + name + '.html'
    yield {
      files: { [name + '.html']: ['<title>' + name + '</title>', text, section, kind, profile, JSON.stringify(globals ?? null), ...deps.map(path => readFileSync(resolve(cwd, path), 'utf8'))].join('|') },
      sitemapEntries: [{ url }],
      searchEntries: [{ url, title: name, text }],
      tagManifest: Object.fromEntries((data.tags ?? []).map(tag => [tag, [{ url, title: name }]])),
      feedEntries: [{ url, title: name, date: '2026-01-01' }],
      links: [[url, data.links ?? []]],
      errors: text.includes('warn') ? [{ severity: 'warning', message: 'careful: ' + id }] : []
    }
  }
}
`

export interface SmallSite extends Folder {
  /** A builder of the sources there are, in the server's process. */
  builder (options?: Partial<ShardedOptions>): ShardedBuilder
  build (builder: ShardedBuilder, request?: Partial<BuildRequest>, context?: Listening): Promise<BuildResult>
  /** Ids of shards that were built since the last call. */
  built (): string[]
  /** All files of the output, with their contents. */
  output (dir?: string): Record<string, string>
  pages (): Page[]
}

type Test = Parameters<typeof folder>[0]

export function smallSite (t: Test, sources: Readonly<Record<string, string>> = {}): SmallSite {
  const dir = folder(t, { 'shard.mjs': MODULE, 'built.log': '', ...Object.fromEntries(Object.entries(sources).map(([name, text]) => [`src/${name}`, text])) })
  const { at, write } = dir
  const pages = () => existsSync(at('src')) ? readdirSync(at('src'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.txt')).map(pageOf) : []
  return {
    ...dir,
    pages,
    builder (options = {}) {
      const builder = sharded({ pages, shard: at('shard.mjs'), outDir: at('out'), on: local({ executor: 'inline' }), ...options })
      t.teardown(() => builder.close?.())
      return builder
    },
    build: (builder, request = {}, context = contextOf()) => builder.build(requestOf({ cwd: at('.'), ...request }), context),
    built () {
      const ids = readFileSync(at('built.log'), 'utf8').split('\n').filter(Boolean).sort()
      write('built.log', '')
      return ids
    },
    output: (name = 'out') => filesOf(at(name))
  }
}

/** `v2/guide/a.txt` is of the version v2 and the section guide; `api-b.txt` is of the kind api. */
function pageOf (name: string): Page {
  const parts = name.split('/')
  return { id: name, file: join('src', name), version: parts.length > 2 ? parts[0] as string : 'v1', section: parts.at(-2) ?? 'top', kind: name.includes('api') ? 'api' : 'content' }
}

export function filesOf (dir: string): Record<string, string> {
  if (!existsSync(dir)) return {}
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return Object.fromEntries(entries.map(entry => join(entry.parentPath, entry.name)).sort().map(path => [path.slice(dir.length + 1), readFileSync(path, 'utf8')]))
}

export const messages = ({ diagnostics }: BuildResult): string[] => diagnostics.map(({ message, shard }: Diagnostic) => shard === undefined ? message : `${shard}: ${message}`)

export { contextOf, fileCache }
