// The same faults as in runners.test.ts, in this process: for the coverage of the kit, and to look into one of them.
import { join } from 'node:path'
import { after, test } from 'tap'
import { testBackend } from '../../../lib/entries/testing/backend.js'
import { testBuilder } from '../../../lib/entries/testing/builder.js'
import type { Runner } from '../../../lib/entries/testing/wait.js'
import { temporary } from '../../support/folder.js'

const { defineFaulty } = await import(`${new URL('project/suites.js', import.meta.url)}`) as { defineFaulty (test: Runner['test'], kit: object, mark: string): void }

defineFaulty((name, run) => test(name, t => t.rejects(run())), { testBackend, testBuilder }, join(temporary(after), 'mark'))
