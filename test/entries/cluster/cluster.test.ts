// A real cluster of three workers: every tab reloads once for a save, whichever worker answers.
import { spawn } from 'node:child_process'
import { renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { after, test, type Test } from 'tap'
import { folder } from '../../support/folder.js'
import { NAVIGATION, request } from '../../support/http.js'
import { plainLibrary } from '../../support/plain.js'
import { times } from '../../support/times.js'
import { until } from '../../support/wait.js'
import { ClusterTab } from './tabs.js'

const library = plainLibrary(after)
const program = fileURLToPath(new URL('./worker.js', import.meta.url))
const page = (text: string) => `<!doctype html><html><head></head><body>version ${text}.</body></html>`
const SAVES = times(8, 100)

interface Said { readonly listening?: number, readonly port?: number, readonly ready?: number, readonly exit?: number, readonly log?: string }

async function startCluster (t: Test) {
  const f = folder(t, { 'index.html': page('0') })
  const draft = folder(t)
  const child = spawn(process.execPath, [program, library.path, f.path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('exit', resolve))
  t.teardown(async () => { child.stdin.end(); await ended })
  const said: Said[] = []
  let rest = ''
  child.stdout.on('data', chunk => {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() as string
    for (const line of lines) said.push(JSON.parse(line) as Said)
  })
  await until(() => said.filter(({ ready }) => ready !== undefined).length === 3, 'three workers')
  const port = said.find(line => line.port !== undefined)?.port as number
  const tabs = async (count: number) => {
    const opened = Array.from({ length: count }, () => new ClusterTab(() => port))
    t.teardown(() => { for (const each of opened) each.close() })
    await Promise.all(opened.map(each => each.load()))
    await until(() => opened.every(each => each.isOpen && each.got.length > 0), 'all tabs are connected')
    return opened
  }
  // In one step: a file that a busy machine empties now and fills later has changed twice.
  const save = (text: string) => renameSync(draft.write('index.html', page(text)), f.at('index.html'))
  return { save, said, port, tabs, kill: (worker: number) => child.stdin.write(`${worker}`) }
}

test(`three workers, ten tabs, ${SAVES} saves: one reload for each, and all end on the newest`, async t => {
  const { save: write, said, port, tabs } = await startCluster(t)
  const opened = await tabs(10)
  const workers = new Set<string | undefined>()
  for (let i = 0; i < 9; i++) workers.add((await request(port, '/index.html', { headers: NAVIGATION })).headers['x-worker'])
  t.equal(workers.size, 3, 'every worker answers')
  for (let save = 1; save <= SAVES; save++) {
    write(String(save))
    await until(() => opened.every(each => each.text.includes(`version ${save}.`) && each.isOpen), `all tabs show version ${save}`)
  }
  // What would come of a loop comes with the greetings of the new connections.
  await Promise.all(opened.map(each => until(() => each.got.at(-1)?.type === 'hello', 'greeted')))
  t.strictSame(opened.map(each => each.loads), opened.map(() => SAVES + 1), 'each tab loaded once, and once for each save')
  t.notOk(said.some(({ log }) => log !== undefined), 'nothing was warned of')

  await request(port, '/custom', { method: 'POST' })
  await until(() => opened.every(each => each.got.some(({ type }) => type === 'custom')), 'a message of one worker is for the tabs of all')
  await request(port, '/reload', { method: 'POST' })
  await until(() => opened.every(each => each.loads === SAVES + 2), 'so is a reload')
})

test('the worker that watches is killed: another one watches, and no tab stays stale', async t => {
  const { save, said, tabs, kill } = await startCluster(t)
  const opened = await tabs(3)
  kill(said.find(({ ready }) => ready !== undefined)?.ready as number)
  await until(() => said.some(({ exit }) => exit !== undefined), 'it ends')
  save('new')
  await until(() => opened.every(each => each.text.includes('version new.') && each.isOpen), 'all tabs show it')
  save('newer')
  await until(() => opened.every(each => each.text.includes('version newer.') && each.isOpen), 'and what comes after')
})
