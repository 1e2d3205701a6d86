// Readers over HTTP while staged output is swapped in, again and again. LIVE_RELOAD_STRESS=1 does it 500 times.
import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { test } from 'tap'
import { staged } from '../../lib/builds/builders/staging.js'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const SWAPS = process.env.LIVE_RELOAD_STRESS === undefined ? 30 : 500
const NAMES = ['style.css', 'script.js', 'image.svg', 'index.html', 'deep/page.html']

/** Each build has another length: a head of one and a body of another do not fit. */
const textOf = (round: number): string => `${round} `.repeat(2_000 + (round * 7_919) % 20_000)
const roundOf = (body: string): number => parseInt(body.replace(/<script[^>]*><\/script>|<[^>]*>/g, ''))

test(`${SWAPS} swaps under readers: no 404, no 500, nothing torn, and no document before what it names`, async t => {
  const { at } = folder(t, { 'src/page.md': '' })
  let round = 0
  const builder = staged({
    name: 'site',
    async build ({ outDir }) {
      round++
      mkdirSync(join(outDir as string, 'deep'), { recursive: true })
      for (const name of NAMES) writeFileSync(join(outDir as string, name), name.endsWith('.html') ? `<!doctype html><p>${textOf(round)}` : textOf(round))
      return { ok: true, ms: 1, diagnostics: [] }
    }
  }, { dir: at('dist') })
  const { app, port } = await startApp(t, { root: at('dist'), build: { source: at('src'), builder } })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const wrong: string[] = []
  const seen = new Set<number>()
  let reads = 0
  const stop = new AbortController()

  /** The round that the answer is of. */
  const ask = (path: string): Promise<number> => new Promise((resolve, reject) => {
    get({ port, path, agent }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { body += chunk }).on('error', reject).once('end', () => {
        const round = roundOf(body)
        const text = textOf(round)
        // A document has our tag, and so is longer than its file.
        const whole = body.startsWith('<') ? body.includes(`<p>${text}`) && body.endsWith(text) : body === text
        if (response.statusCode !== 200 || !whole) wrong.push(`${path}: ${response.statusCode}, ${body.length} bytes of ${round}`)
        seen.add(round)
        reads++
        resolve(round)
      })
    }).on('error', reject)
  })

  /** As a browser does: the document, then what it names. */
  async function visit (document: string): Promise<void> {
    while (!stop.signal.aborted) {
      const shown = await ask(document)
      const used = await Promise.all(['/style.css', '/script.js', '/image.svg'].map(ask))
      if (used.some(each => each < shown)) wrong.push(`${document} of ${shown} with ${used.join()}`)
    }
  }

  const visits = Promise.all(['/', '/index.html', '/deep/page.html'].map(visit))
  visits.catch(() => {})
  for (let i = 0; i < SWAPS; i++) {
    const before = reads
    const results = await app.liveReload.build()
    if (!results.every(result => result.ok)) t.fail('a good build')
    await Promise.race([visits, until(() => reads > before, 'somebody reads')])
  }
  stop.abort()
  await visits
  t.strictSame(wrong, [])
  t.equal(round, SWAPS + 1)
  t.ok(seen.size > SWAPS / 10, `${reads} replies of ${seen.size} builds`)
})
