// The example for Prometheus and Grafana: its rules in promtool, and every query of its dashboard and alerts asked of a real Prometheus that scrapes a real app.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { test, type Test } from 'tap'
import { WebSocket } from 'ws'
import { example, freePort, run } from '../support/example.js'
import { folder } from '../support/folder.js'
import { systemProgram } from '../setup/system-program.js'
import { until } from '../support/wait.js'

const file = (name: string): string => example(`observability/${name}`)
interface Dashboard { readonly panels: readonly { readonly title: string, readonly targets: readonly { readonly expr: string }[] }[] }

test('the alerts are rules of Prometheus, and each fires when it should', async t => {
  const promtool = systemProgram('promtool')
  const checked = await promisify(execFile)(promtool, ['check', 'rules', file('alerts.yml')])
  t.match(checked.stdout, /SUCCESS: 7 rules found/)
  const tested = await promisify(execFile)(promtool, ['test', 'rules', file('alerts.test.yml')])
  t.match(tested.stdout, /SUCCESS/)
  const config = await promisify(execFile)(promtool, ['check', 'config', file('prometheus.yml')])
  t.match(config.stdout, /is valid prometheus config file/)
})

test('Prometheus scrapes the app, and every query of the dashboard and of the alerts has an answer', async t => {
  const copy = folder(t, { 'src/title.txt': 'first' })
  const { url } = await run(t, [file('server.js')], { PORT: '0', APP_DIR: copy.path })
  const query = await startPrometheus(t, new URL(url).host)
  const tab = new WebSocket(`${url.replace('http', 'ws')}/__live/socket`)
  t.teardown(() => tab.terminate())
  let reloads = 0
  tab.on('message', data => { if (String(data).includes('"reload"')) tab.send(JSON.stringify({ type: 'applied', seq: ++reloads, kind: 'reload', ms: 5 })) })
  await once(tab, 'open')
  tab.send(JSON.stringify({ type: 'fallback', from: 'sse', to: 'ws', reason: 'timeout' }))
  await fetch(`${url}/__live/events`, { headers: { origin: 'http://elsewhere.example' } })
  const act = async (i: number) => {
    await (await fetch(`${url}/hello/you`)).text()
    copy.write('src/title.txt', i % 3 === 2 ? '{{ broken }}' : `title ${i}`)
  }
  const { panels } = JSON.parse(readFileSync(file('dashboard.json'), 'utf8')) as Dashboard
  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '10s')] as const))
  t.ok(queries.length >= 12)
  const silent = new Set(queries)
  for (let i = 0; silent.size > 0 && i < 150; i++) {
    await act(i)
    for (const one of silent) if (await query(one[1]) > 0) silent.delete(one)
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  t.strictSame([...silent], [], 'each panel shows something')
  // What an alert compares is measured, whether or not it fires.
  for (const [, expr = ''] of readFileSync(file('alerts.yml'), 'utf8').matchAll(/expr: (.+)/g)) {
    for (const [name = ''] of expr.matchAll(/live_reload_\w+/g)) await until(() => query(name), name)
  }
})

/** Gives a function that asks a query, and gives the number of series in its answer. */
async function startPrometheus (t: Test, target: string): Promise<(expr: string) => Promise<number>> {
  const port = await freePort()
  const { write, at } = folder(t)
  write('prometheus.yml', readFileSync(file('prometheus.yml'), 'utf8').replace('scrape_interval: 5s', 'scrape_interval: 500ms').replace('127.0.0.1:3000', target).replace('alerts.yml', file('alerts.yml')))
  const child = spawn(systemProgram('prometheus'), [`--config.file=${at('prometheus.yml')}`, `--storage.tsdb.path=${at('data')}`, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const ask = async (expr: string): Promise<number> => {
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const { status, error, data } = await reply.json() as { status: string, error?: string, data?: { result: unknown[] } }
    if (status !== 'success') throw new Error(`${expr}: ${error}`)
    return data?.result.length ?? 0
  }
  await until(() => ask('up == 1').catch(() => 0), 'Prometheus scrapes the app', 60_000)
  return ask
}
