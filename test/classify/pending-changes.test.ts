// What waits for builds, step by step.
import { test } from 'tap'
import type { BuildResult } from '../../types/build.js'
import type { ChangeType } from '../../types/change.js'
import { PendingChanges } from '../../lib/classify/pending-changes.js'

type Step = ['start', string] | ['ok', string, string[]?] | ['failed' | 'aborted', string] | ['see', string, ChangeType?, 'watch'?] | ['take', ...string[]]

const cases: [name: string, ...Step[]][] = [
  ['no build runs', ['see', 'a'], ['take', 'update a'], ['take']],
  ['of a running one', ['start', 'ts'], ['see', 'a'], ['take'], ['ok', 'ts'], ['take', 'update a']],
  ['before it', ['see', 'a'], ['start', 'ts'], ['take', 'update a']],
  ['of a failed one', ['start', 'ts'], ['see', 'a'], ['failed', 'ts'], ['take'], ['see', 'b'], ['take', 'update b'], ['start', 'ts'], ['take'], ['ok', 'ts'], ['take', 'update a']],
  ['of a failed one, with the next good one of any', ['start', 'ts'], ['see', 'a'], ['failed', 'ts'], ['start', 'css'], ['ok', 'css'], ['take', 'update a']],
  ['of an aborted one, in the end', ['start', 'ts'], ['see', 'a'], ['aborted', 'ts'], ['start', 'ts'], ['failed', 'ts'], ['take'], ['start', 'ts'], ['ok', 'ts'], ['take', 'update a']],
  ['of a good one, as it says', ['start', 'ts'], ['start', 'css'], ['see', 'a'], ['see', 'b'], ['ok', 'css', ['a']], ['failed', 'ts'], ['take', 'update a'], ['start', 'ts'], ['ok', 'ts'], ['take', 'update b']],
  ['of a good one, alone at first', ['start', 'css'], ['see', 'a'], ['start', 'ts'], ['see', 'b'], ['ok', 'css'], ['failed', 'ts'], ['take', 'update a']],
  ['of one that is mended while another runs and fails', ['start', 'ts'], ['see', 'a'], ['failed', 'ts'], ['start', 'ts'], ['start', 'css'], ['see', 'b'], ['ok', 'ts'], ['failed', 'css'], ['take', 'update a']],
  ['written by the failed one, then by hand', ['start', 'ts'], ['see', 'a'], ['failed', 'ts'], ['see', 'a'], ['take', 'update a']],
  ['read by the app', ['start', 'ts'], ['see', 'a', 'update', 'watch'], ['see', 'b'], ['take', 'update a'], ['ok', 'ts'], ['take', 'update b']],
  ['taken out and written anew', ['start', 'ts'], ['see', 'a', 'delete'], ['see', 'a', 'create'], ['ok', 'ts'], ['take', 'update a']],
  ['new, and written twice', ['start', 'ts'], ['see', 'a', 'create'], ['see', 'a'], ['ok', 'ts'], ['take', 'create a']],
  ['new, and gone', ['start', 'ts'], ['see', 'a', 'create'], ['see', 'a', 'delete'], ['ok', 'ts'], ['take', 'delete a']]
]

for (const [name, ...steps] of cases) {
  test(`which changes may be shown: ${name}`, async t => {
    const pending = new PendingChanges()
    const running = new Set<string>()
    for (const [verb, what = '', more, source = 'output'] of steps as [string, string?, (string | string[])?, 'watch'?][]) {
      if (verb === 'start') running.add(what)
      else if (verb === 'see') pending.add({ path: what, type: more as ChangeType | undefined ?? 'update', source }, source === 'watch' ? [] : [...running])
      else if (verb === 'take') t.strictSame(pending.take().map(({ type, path }) => `${type} ${path}`), what === '' ? [] : [what])
      else {
        running.delete(what)
        if (verb !== 'aborted') pending.release(what, { ok: verb === 'ok', ms: 1, diagnostics: [], ...more !== undefined && { outputs: more as string[] } } satisfies BuildResult, [...running])
      }
    }
  })
}
