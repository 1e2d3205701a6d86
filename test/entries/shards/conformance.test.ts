import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after } from 'tap'
import { testBuilder, type Behaviour } from '../../builds/builders/conformance.js'
import type * as Shards from '../../../lib/entries/shards/index.js'
import { temporary } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'

const { path: library } = plainLibrary(after)
const { local, processExecutor, sharded, threadExecutor } = await import(pathToFileURL(join(library, 'lib/entries/shards/index.js')).href) as typeof Shards
/** Shared, so that the suite starts few children. */
const executors = { process: processExecutor({ size: 1 }), thread: threadExecutor({ size: 1 }), inline: 'inline' } as const
after(() => Promise.all([executors.process.close(), executors.thread.close()]))
const dir = temporary(after)
const mark = join(dir, 'mark')
const MARK = `appendFileSync(${JSON.stringify(mark)}, '.')`
const IMPORT = "import { appendFileSync } from 'node:fs'"
// Other pages each time, or a build would do nothing.
const pages = () => ['one', 'two'].map(id => ({ id, hash: String(Math.random()) }))

const modules: Record<Behaviour, string> = {
  success: "export default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id }) => [id + '.html', id])) })",
  failure: "export default () => ({ errors: [{ severity: 'error', message: 'broken on purpose' }] })",
  throw: "export default () => { throw new Error('thrown on purpose', { cause: new Error('the cause') }) }",
  hang: `${IMPORT}\nexport default () => { ${MARK}; for (;;); }`,
  progress: "export default (task, { progress }) => { progress({ label: 'pages', done: 1, total: 2 }) }",
  log: "export default (task, { log }) => { log('a line') }",
  'late-throw': `${IMPORT}\nexport default () => { setTimeout(() => { ${MARK}; throw new Error('late') }, 300); return { files: { 'a.html': String(Math.random()) } } }`
}

const hangInline = `${IMPORT}\nexport default () => { ${MARK}; return new Promise(() => {}) }`

for (const executor of ['process', 'thread', 'inline'] as const) {
  let count = 0
  const make = (behaviour: Behaviour) => {
    const shard = join(dir, `${executor}-${behaviour}.mjs`)
    writeFileSync(shard, executor === 'inline' && behaviour === 'hang' ? hangInline : modules[behaviour])
    const outDir = join(dir, executor, String(++count))
    mkdirSync(outDir, { recursive: true })
    return sharded({ pages, shard, outDir, shards: 1, on: local({ executor: executors[executor] }) })
  }
  testBuilder(`sharded, ${executor}`, { mark, make, without: executor === 'inline' ? ['late-throw'] : [] })
}
