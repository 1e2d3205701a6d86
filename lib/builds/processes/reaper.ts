// Entry of the reaper, a process that outlives the server by a moment and kills the process trees the server leaves behind.
// The server writes one line per change to its input: `+pid mark` or `-pid`. The input ends when the server does.
import { createInterface } from 'node:readline'
import { killTree, type ProcessTree } from './process-tree.js'

const trees = new Map<number, ProcessTree>()

createInterface({ input: process.stdin })
  .on('line', line => {
    const [id, mark = ''] = line.slice(1).split(' ')
    const pid = Number(id)
    if (line.startsWith('+')) trees.set(pid, { pid, mark })
    else trees.delete(pid)
  })
  .on('close', async () => {
    await Promise.all([...trees.values()].map(tree => killTree(tree)))
    process.exit()
  })
