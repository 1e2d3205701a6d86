// A process of its own that outlives the server by a moment: kills what the server's death would leave behind.
// Its input is one line for each change: `+pid mark`, `-pid`. The end of input is the end of the server.
import { createInterface } from 'node:readline'
import { killGroup, sweep } from './group.js'

const watched = new Map<number, string>()

createInterface({ input: process.stdin })
  .on('line', line => {
    const [pid, mark] = line.slice(1).split(' ')
    if (line.startsWith('+')) watched.set(Number(pid), mark as string)
    else watched.delete(Number(pid))
  })
  .on('close', async () => {
    for (const pid of watched.keys()) killGroup(pid, 'SIGKILL')
    for (const mark of new Set(watched.values())) await sweep(mark)
    process.exit()
  })
