// A large site: in one process, in shards, from the cache, after an edit; beside Eleventy on the same Markdown. --pages=2000,10000 chooses the sizes, --rounds=3 how often.
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
/** Above this only the most telling ways are measured, and workers are not warmed by a build: each takes a minute. */
const MANY_PAGES = 20_000
const NOTHING = { get () {}, put () {} }

/** @param {import('./index.js').Run} run */
export async function shards ({ folders, quick, print, pages, rounds }) {
  for (const size of pages ?? [quick ? 200 : 2_000]) {
    await new Measured(folders.make(`site-${size}`), size, rounds ?? (quick || size > MANY_PAGES ? 1 : size > 5_000 ? 3 : 7)).run(print)
  }
}

/** One site of one size, built in all ways. */
class Measured {
  #results = {}
  #peak = 0

  constructor (dir, pages, rounds) {
    Object.assign(this, { dir, pages, rounds, isLarge: pages > MANY_PAGES, paths: writeSite(dir, { pages, versions: VERSIONS }) })
  }

  async run (print) {
    await this.#full()
    const cache = fileCache(join(this.dir, 'cache'))
    await this.#kept(cache)
    if (!this.isLarge) {
      await this.#parts(cache, 'by version and kind', by.each(by.version, by.kind))
      await this.#parts(cache, 'by section', by.section)
    }
    await this.#others(cache)
    this.#clean()
    const saves = await saveToLoad(this.dir, this.#make({ cache }), this.paths[20].replace('content/', ''), this.isLarge ? 2 : this.rounds * 5)
    const eleventy = await runEleventy(this.dir, print)

    const base = median(this.#results['one process'].times)
    const rows = Object.entries(this.#results).map(([name, { times, built, shards, memory }]) => [name, median(times), ratio(median(times), base), `${built} of ${shards}`, memory === 0 ? '' : Math.round(memory).toLocaleString('en')])
    rows.push(['save -> load in Chromium', median(saves), ratio(median(saves), base), '', ''])
    rows.push(['Eleventy, a process', eleventy.ms, ratio(eleventy.ms, base), '', Math.round(eleventy.memory).toLocaleString('en')])
    print(table([`${this.pages.toLocaleString('en')} pages`, 'median, ms', 'to one process', 'shards built', 'a worker at most, MB'], rows))
    print(`${this.rounds} rounds; the server at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, over all ways`)
  }

  /** Full builds, with nothing known but what warm workers know. */
  async #full () {
    const ways = {
      'one process': this.#make({ shards: false }),
      processes: this.#make(),
      ...!this.isLarge && { threads: this.#make({}, local({ executor: 'thread' })) },
      'by version and kind': this.#make({ partition: by.each(by.version, by.kind) })
    }
    for (const [name, builder] of Object.entries(ways)) {
      if (this.isLarge) continue
      this.#clean()
      await this.#time(`${name}, cold`, builder)
    }
    // In turns, so that what else the machine does meets all of them.
    await interleave(this.rounds, Object.entries(ways), async ([name, builder]) => {
      this.#clean()
      // Nothing of the last build is known: a builder remembers it.
      await this.#time(name, builder.with({ cache: NOTHING }))
    })
    for (const builder of Object.values(ways)) await builder.close()
  }

  async #kept (cache) {
    this.#clean()
    const cached = this.#make({ cache })
    await this.#time('into an empty cache', cached)
    for (let i = 0; i < Math.max(this.rounds, 3); i++) await this.#time('nothing changed', cached)
    this.#clean()
    await this.#time('output removed', cached)
    await this.#edit(cached, '', 10, 4)
    await cached.close()
  }

  /** Shards by properties of the pages, kept: an edit builds one of them, and an include those of its section. */
  async #parts (cache, name, partition) {
    const builder = this.#make({ cache, partition })
    await this.#time(`${name}, into the cache`, builder)
    await this.#edit(builder, `${name}, `, 20, 0)
    await builder.close()
  }

  async #others (cache) {
    this.#clean()
    const restarted = this.#make({ cache })
    await this.#time('another process, output removed', restarted)
    await restarted.close()
    const version = this.#make({ partition: by.version }).with({ versions: ['v1'] })
    await this.#time('one version of three, cold', version)
    this.#clean()
    await this.#time('one version of three', version.with({ cache: NOTHING }))
    await version.close()
  }

  /** `section` is one whose pages include its file: 0 or 4. */
  async #edit (builder, name, from, section) {
    for (let i = 0; i < Math.max(this.rounds, 3); i++) {
      appendFileSync(join(this.dir, this.paths[from + i]), `\nAn edit ${name}${i}.\n`)
      await this.#time(`${name}a page edited`, builder)
    }
    appendFileSync(join(this.dir, `includes/section-${section}.md`), `\nAn edit ${name}.\n`)
    await this.#time(`${name}an include edited`, builder)
  }

  #make (more = {}, runner = local()) {
    const saw = memory => { this.#peak = Math.max(this.#peak, memory / 1024 ** 2) }
    const watched = {
      name: runner.name,
      workers: count => runner.workers(count),
      warm: file => runner.warm(file),
      close: () => runner.close(),
      async * run (...given) {
        for await (const outcome of runner.run(...given)) {
          saw(outcome.peakMemory)
          yield outcome
        }
      }
    }
    return sharded({ ...syntheticSite(this.dir), outDir: join(this.dir, 'out'), minPages: 0, derived: [tagPages(), searchPages()], merge: mergeSite({ baseUrl: 'https://example.com/' }), on: watched, ...more })
  }

  #clean () {
    rmSync(join(this.dir, 'out'), { recursive: true, force: true })
  }

  async #time (name, builder) {
    this.#peak = 0
    const began = now()
    const result = await builder.build({ id: '1', reason: 'manual', cwd: this.dir, changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
    if (!result.ok) throw new Error(`${name}: ${result.diagnostics.find(({ severity }) => severity === 'error')?.message}`)
    const row = this.#results[name] ??= { times: [], memory: 0 }
    row.times.push(now() - began)
    Object.assign(row, { built: result.meta.built.length, shards: result.meta.shards, memory: Math.max(row.memory, this.#peak) })
  }
}

const ELEVENTY_TIMEOUT_MS = 240_000
/** Says on file descriptor 3 how much memory the process had at most. */
const MEMORY = `data:text/javascript,${encodeURIComponent('import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)))')}`

/** A full build by Eleventy of the same Markdown, with a layout. */
async function runEleventy (dir, print) {
  mkdirSync(join(dir, 'content/_includes'), { recursive: true })
  writeFileSync(join(dir, 'content/_includes/layout.liquid'), '<!doctype html><title>{{ title }}</title><nav></nav>{{ content }}')
  writeFileSync(join(dir, 'content/content.json'), '{ "layout": "layout.liquid", "tags": [] }')
  writeFileSync(join(dir, 'eleventy.config.mjs'), 'export default config => { config.setQuietMode(true) }\nexport const config = { markdownTemplateEngine: false }')
  const program = fileURLToPath(new URL('../../node_modules/@11ty/eleventy/cmd.cjs', import.meta.url))
  const began = now()
  const child = spawn(process.execPath, ['--max-old-space-size=8192', '--import', MEMORY, program, '--input=content', '--output=eleventy', '--config=eleventy.config.mjs'], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], timeout: ELEVENTY_TIMEOUT_MS })
  let [said, memory] = ['', '']
  child.stdio[3].on('data', text => { memory += text })
  child.stderr.on('data', text => { said += text })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) {
    // The rows of a quarter of an hour are worth more than this one.
    print(`Eleventy did not end (${code ?? signal}): ${said.slice(0, 500)}`)
    return { ms: NaN, memory: NaN }
  }
  return { ms: now() - began, memory: Number(memory) / 1024 }
}
