// Entry of the reaper, a process that outlives the server by a moment and kills the process trees the server leaves behind.
// The server writes one line per change to its input: `+mark` before a tree starts, `+mark pid` when it has, and `-mark`. The input ends when the server does.
import { createInterface } from 'node:readline'
import { killTree, type ProcessTree } from './process-tree.js'

const trees = new Map<string, ProcessTree>()

createInterface({ input: process.stdin })
  .on('line', line => {
    const [mark = '', pid] = line.slice(1).split(' ')
    if (line.startsWith('+')) trees.set(mark, { mark, pid: pid === undefined ? undefined : Number(pid) })
    else trees.delete(mark)
  })
  .on('close', async () => {
    await Promise.all([...trees.values()].map(tree => killTree(tree)))
    process.exit()
  })
