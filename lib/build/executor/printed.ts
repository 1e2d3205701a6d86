// What a child prints goes through a pipe that holds some 200 KB; the rest waits in the child, and would come after the answer.

/** Bytes: more than the server reads at full speed. It reads a flood slowly, and does not want it all. */
const FLOOD = 4 * 1024 * 1024
/** Milliseconds. A server that reads nothing for so long would not read the answer either. */
const PATIENCE = 5_000
const LITTLE = 100

type Printing = Pick<NodeJS.WriteStream, 'writableLength' | 'write'>

/** Settles when everything has left this process, or it takes too long. */
export function printed (streams: readonly Printing[] = [process.stdout, process.stderr]): Promise<unknown> {
  const waiting = streams.filter(stream => stream.writableLength > 0)
  if (waiting.length === 0) return Promise.resolve()
  const patience = waiting.some(stream => stream.writableLength > FLOOD) ? LITTLE : PATIENCE
  return new Promise(resolve => {
    const timer = setTimeout(resolve, patience)
    Promise.all(waiting.map(stream => new Promise<unknown>(resolve => { stream.write('', resolve) }))).then(() => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
