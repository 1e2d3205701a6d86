// A large site: in one process, in shards, from the cache, after an edit; beside Eleventy on the same Markdown. LIVE_RELOAD_BENCH_PAGES=2000,10000 chooses the sizes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { by, fileCache, local, mergeSite, searchPages, sharded, tagPages } from 'fastify-live-reload/shards'
import { syntheticSite } from '../support/synthetic-site/site.js'
import { writeSite } from '../support/synthetic-site/write.js'
import { interleave, median, now, ratio, table } from './measure.js'
import { saveToLoad } from './shards-save.js'

const VERSIONS = ['v1', 'v2', 'latest']

/** @param {import('./index.js').Run} run */
export async function shards ({ folders, quick, print }) {
  const sizes = (process.env.LIVE_RELOAD_BENCH_PAGES ?? (quick ? '200' : '2000')).split(',').map(Number)
  for (const pages of sizes) await measureSite(folders, pages, quick ? 1 : pages > 5_000 ? 3 : 7, print)
}

async function measureSite (folders, pages, rounds, print) {
  const dir = folders.make(`site-${pages}`)
  const paths = writeSite(dir, { pages, versions: VERSIONS })
  const options = syntheticSite(dir)
  const memory = {}
  const make = (name, more = {}, runner = local()) => {
    const watched = {
      name,
      workers: count => runner.workers(count),
      warm: file => runner.warm(file),
      close: () => runner.close(),
      async * run (...given) {
        for await (const outcome of runner.run(...given)) {
          memory[name] = Math.max(memory[name] ?? 0, outcome.peakMemory / 1024 ** 2)
          yield outcome
        }
      }
    }
    return sharded({ ...options, outDir: join(dir, 'out'), minPages: 0, derived: [tagPages(), searchPages()], merge: mergeSite({ baseUrl: 'https://example.com/' }), on: watched, ...more })
  }
  const clean = () => rmSync(join(dir, 'out'), { recursive: true, force: true })
  const results = {}
  const time = async (name, builder) => {
    const began = now()
    const result = await builder.build({ id: '1', reason: 'manual', cwd: dir, changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
    if (!result.ok) throw new Error(`${name}: ${result.diagnostics.find(({ severity }) => severity === 'error')?.message}`)
    ;(results[name] ??= { times: [], built: 0, shards: 0 }).times.push(now() - began)
    Object.assign(results[name], { built: result.meta.built.length, shards: result.meta.shards })
  }

  const ways = {
    'one process': make('one process', { shards: false }),
    processes: make('processes'),
    threads: make('threads', {}, local({ executor: 'thread' })),
    'by version and kind': make('by version and kind', { partition: by.each(by.version, by.kind) })
  }
  for (const [name, builder] of Object.entries(ways)) {
    clean()
    await time(`${name}, cold`, builder)
  }
  // In turns, so that what else the machine does meets all of them.
  await interleave(rounds, Object.entries(ways), async ([name, builder]) => {
    clean()
    // Nothing of the last build is known: a builder remembers it.
    await time(name, builder.with({ cache: { get () {}, put () {} } }))
  })
  for (const builder of Object.values(ways)) await builder.close()

  clean()
  const cache = fileCache(join(dir, 'cache'))
  const cached = make('cached', { cache })
  await time('into an empty cache', cached)
  for (let i = 0; i < Math.max(rounds, 3); i++) await time('nothing changed', cached)
  clean()
  await time('output removed', cached)
  for (let i = 0; i < Math.max(rounds, 3); i++) {
    appendFileSync(join(dir, paths[10 + i]), `\nAn edit ${i}.\n`)
    await time('a page edited', cached)
  }
  appendFileSync(join(dir, 'includes/section-4.md'), '\nAn edit.\n')
  await time('an include edited', cached)
  await cached.close()
  // Shards by properties of the pages, kept: an edit builds one of them, and an include those of its section.
  for (const [name, partition] of [['by version and kind', by.each(by.version, by.kind)], ['by section', by.section]]) {
    const builder = make(`${name}, cached`, { cache, partition })
    await time(`${name}, into the cache`, builder)
    for (let i = 0; i < Math.max(rounds, 3); i++) {
      appendFileSync(join(dir, paths[20 + i]), `\nAn edit ${name} ${i}.\n`)
      await time(`${name}, a page edited`, builder)
    }
    appendFileSync(join(dir, 'includes/section-5.md'), `\nAn edit ${name}.\n`)
    await time(`${name}, an include edited`, builder)
    await builder.close()
  }
  clean()
  const restarted = make('restarted', { cache })
  await time('another process, output removed', restarted)
  await restarted.close()
  const version = make('one version', { partition: by.version }).with({ versions: ['v1'] })
  await time('one version of three, cold', version)
  clean()
  await time('one version of three', version.with({ cache: { get () {}, put () {} } }))
  await version.close()
  clean()
  const saves = await saveToLoad(dir, make('saves', { cache }), paths[20].replace('content/', ''), rounds * 5)
  const eleventy = await runEleventy(dir)

  const base = median(results['one process'].times)
  const rows = Object.entries(results).map(([name, { times, built, shards }]) => [name, median(times), ratio(median(times), base), `${built} of ${shards}`, memory[name.replace(', cold', '')] === undefined ? '' : Math.round(memory[name.replace(', cold', '')])])
  rows.push(['save -> load in Chromium', median(saves), ratio(median(saves), base), '', ''])
  rows.push(['Eleventy, a process', eleventy, ratio(eleventy, base), '', ''])
  print(table([`${pages.toLocaleString('en')} pages`, 'median, ms', 'to one process', 'shards built', 'a worker at most, MB'], rows))
}

/** A full build by Eleventy of the same Markdown, with a layout. */
async function runEleventy (dir) {
  mkdirSync(join(dir, 'content/_includes'), { recursive: true })
  writeFileSync(join(dir, 'content/_includes/layout.liquid'), '<!doctype html><title>{{ title }}</title><nav></nav>{{ content }}')
  writeFileSync(join(dir, 'content/content.json'), '{ "layout": "layout.liquid", "tags": [] }')
  writeFileSync(join(dir, 'eleventy.config.mjs'), 'export default config => { config.setQuietMode(true) }\nexport const config = { markdownTemplateEngine: false }')
  const program = fileURLToPath(new URL('../../node_modules/@11ty/eleventy/cmd.cjs', import.meta.url))
  const began = now()
  const child = spawn(process.execPath, [program, '--input=content', '--output=eleventy', '--config=eleventy.config.mjs'], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', text => { said += text })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`Eleventy: ${said.slice(0, 500)}`)
  return now() - began
}
