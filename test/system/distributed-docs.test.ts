// The example with Redis and two workers, started by its one command.
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { example, run } from '../support/example.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

test('one command starts Redis, two workers and the server: the workers build the whole site', async t => {
  const f = folder(t)
  const { url, output } = await run(t, [example('distributed-docs/start.js')], { PORT: '0', OUT_DIR: f.at('out'), STORE: f.at('store') }, example('..'))
  const [, pages, byWorkers, kept] = await until(() => /(\d+) pages in \d+ ms: (\d+) shards by workers, \d+ here, (\d+) as they were/.exec(output()), 'the site is built')
  t.ok(Number(pages) > 50 && Number(byWorkers) > 10, output())
  t.equal(Number(kept), 0)
  t.equal(output().match(/^builds up to 1 shards? at once of the project docs$/gm)?.length, 2, 'two workers')
  t.notMatch(output(), /error|warning/)
  const response = await fetch(`${url}/distributed`)
  t.equal(response.status, 200)
  t.match(await response.text(), '<h1>Workers on other machines</h1>')
  t.ok(existsSync(f.at('out/sitemap.xml')))
  t.match(readFileSync(f.at('out/tags/index.html'), 'utf8'), 'href=')
})
