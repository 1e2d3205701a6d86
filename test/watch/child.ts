// A process with one watch that prints what it sees, one line of JSON each. For limits and signals that would hit the test itself.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createWatch } from '../../lib/watch/watch.js'
import { lines } from './watching.js'

const say = (line: object): void => { process.stdout.write(`${JSON.stringify(line)}\n`) }
const [root = '', backend = 'auto', pollInterval = '50'] = process.argv.slice(2)
const { log, lines: logged } = lines()
const taken: number[] = []
const spare = Number(process.env.TEST_SPARE_DESCRIPTORS ?? 0)
if (spare > 0) takeDescriptors(spare)
const began = performance.now()
const watch = createWatch({
  name: 'child', roots: [root], ignore: [], exclude: [], gitignore: true, backend: backend as 'auto', pollInterval: Number(pollInterval), debounce: 0
}, changes => say({ changes: changes.length < 200 ? changes.map(({ path }) => [path, read(path)]) : [], count: changes.length }), log)
await watch.ready
say({ ready: performance.now() - began, status: watch.status(), lines: logged })
process.stdin.on('data', command => {
  if (String(command) === 'take') taken.push(...takeDescriptors(0))
  if (String(command) === 'release') for (const fd of taken.splice(0)) closeSync(fd)
  say({ status: watch.status(), lines: logged })
})
process.stdin.on('end', () => { watch.close() })

function read (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '(gone)'
  }
}

/** Uses up the descriptors of this process, but for a few. */
function takeDescriptors (spare: number): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    for (const fd of taken.splice(taken.length - spare)) closeSync(fd)
    return taken
  }
}
