// What a child prints goes through a pipe that holds some 200 KB; the rest waits in the child, and would come after the answer.
import { LIMITS } from '../processes/output.js'

/** Milliseconds. A server that reads nothing for so long would not read the answer either. */
const PATIENCE = 5_000
/** What is more than the server takes at full speed it reads slowly, and does not want it all. */
const LITTLE = 100

type Printing = Pick<NodeJS.WriteStream, 'writableLength' | 'write'>

/** Settles when everything has left this process, or it takes too long. */
export function printed (streams: readonly Printing[] = [process.stdout, process.stderr]): Promise<unknown> {
  const waiting = streams.filter(stream => stream.writableLength > 0)
  if (waiting.length === 0) return Promise.resolve()
  const patience = waiting.some(stream => stream.writableLength > LIMITS.burst) ? LITTLE : PATIENCE
  return new Promise(resolve => {
    const timer = setTimeout(resolve, patience)
    Promise.all(waiting.map(stream => new Promise<unknown>(resolve => { stream.write('', resolve) }))).then(() => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
