import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after } from 'tap'
import type { BuildFunction, Builder } from '../../../types/build.js'
import { command } from '../../../lib/builds/builders/command.js'
import { InlineExecutor } from '../../../lib/builds/executors/inline.js'
import { Pool } from '../../../lib/builds/executors/pool.js'
import { ProcessMember } from '../../../lib/builds/executors/process.js'
import { ThreadMember } from '../../../lib/builds/executors/thread.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { isolated } from '../../../lib/builds/builders/isolated.js'
import { steps } from '../../../lib/builds/builders/steps.js'
import { esbuild } from '../../../lib/builds/builders/esbuild.js'
import { temporary } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'
import { testBuilder, type Behaviour } from './conformance.js'

const dir = temporary(after)
const mark = join(dir, 'mark')
/** The same in a module or a script of its own. */
const MARK = `appendFileSync(${JSON.stringify(mark)}, '.')`
const IMPORT = "import { appendFileSync } from 'node:fs'"

const functions: Record<Behaviour, BuildFunction> = {
  success: () => ({ pages: 1 }),
  failure: () => ({ diagnostics: [{ severity: 'error', message: 'broken on purpose' }] }),
  throw: () => { throw new Error('thrown on purpose', { cause: new Error('the cause') }) },
  hang () {
    appendFileSync(mark, '.')
    return new Promise(() => {})
  },
  progress: (_request, { progress }) => progress({ label: 'pages', done: 1, total: 2 }),
  log: (_request, { log }) => log('a line'),
  'late-throw': () => {}
}

const scripts: Partial<Record<Behaviour, string>> = {
  success: '',
  failure: 'console.error("src/a.js:1:2: broken on purpose"); process.exitCode = 1',
  throw: 'throw new Error("thrown on purpose", { cause: new Error("the cause") })',
  hang: `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); require('node:fs').${MARK}`
}

for (const [name, run] of Object.entries(functions)) {
  const late = `${IMPORT}\nexport default () => { setTimeout(() => { ${MARK}; throw new Error("late") }, 10) }`
  const hang = `${IMPORT}\nexport default () => { ${MARK}; for (;;); }`
  const source = name === 'late-throw' ? late : name === 'hang' ? hang : `export default ${String(run)}`
  writeFileSync(join(dir, `${name}.mjs`), source)
}
writeFileSync(join(dir, 'hang-inline.mjs'), `${IMPORT}\nexport default () => { ${MARK}; return new Promise(() => {}) }`)

/** Shared, so that the suite starts few children. */
const { path: library } = plainLibrary(after)
const child = new Pool({ kind: 'process', start: owner => new ProcessMember(owner, {}, join(library, 'lib/builds/executors/child.js')) })
const thread = new Pool({ kind: 'thread', start: owner => new ThreadMember(owner, {}, pathToFileURL(join(library, 'lib/builds/executors/thread-child.js'))) })
const inline = new InlineExecutor()
after(() => Promise.all([child.close(), thread.close(), inline.close()]))
const at = (name: string) => join(dir, `${name}.mjs`)

testBuilder('inProcess', { mark, make: behaviour => inProcess(functions[behaviour]), without: ['late-throw'] })
testBuilder('isolated, process', { mark, make: behaviour => isolated(at(behaviour), { executor: child }) })
testBuilder('isolated, thread', { mark, make: behaviour => isolated(at(behaviour), { executor: thread }) })
testBuilder('isolated, inline', { mark, make: behaviour => isolated(at(behaviour === 'hang' ? 'hang-inline' : behaviour), { executor: inline }), without: ['late-throw'] })
testBuilder('command', { mark, make: behaviour => command(['node', '-e', scripts[behaviour] as string]), without: ['progress', 'log', 'late-throw'] })
testBuilder('steps', { mark, make: behaviour => steps(() => {}, functions[behaviour], isolated(at('success'), { executor: child })), without: ['late-throw'] })
testBuilder('esbuild', { mark, make: behaviour => bundler(behaviour), without: ['progress', 'log', 'late-throw'] })

function bundler (behaviour: Behaviour): Builder {
  writeFileSync(join(dir, 'entry.js'), 'export default 1')
  return esbuild({
    entryPoints: [join(dir, 'entry.js')],
    outdir: join(dir, 'out'),
    plugins: [{
      name: 'conformance',
      setup (build) {
        build.onStart(() => {
          if (behaviour === 'failure') return { errors: [{ text: 'broken on purpose' }] }
          if (behaviour === 'throw') throw new Error('thrown on purpose', { cause: new Error('the cause') })
          if (behaviour === 'hang') {
            appendFileSync(mark, '.')
            return new Promise(resolve => setTimeout(resolve, 1_000))
          }
          return undefined
        })
      }
    }]
  })
}
