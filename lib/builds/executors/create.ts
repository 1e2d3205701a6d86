// Makes the executor that was chosen.
import type { Choice } from './choose.js'
import type { Executor } from './executor.js'
import { InlineExecutor } from './inline.js'
import { Pool } from './pool.js'
import { ProcessMember, type ChildOptions } from './process.js'
import { ThreadMember } from './thread.js'

export function createExecutor ({ kind }: Choice, options: ChildOptions, log: (text: string) => void, size = 1): Executor {
  switch (kind) {
    case 'process': return new Pool({ kind, log, size, start: owner => new ProcessMember(owner, options) })
    case 'thread': return new Pool({ kind, log, size, start: owner => new ThreadMember(owner, options) })
    case 'inline': return new InlineExecutor()
  }
}
