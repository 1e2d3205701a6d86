// What a child prints goes through a pipe that holds some 200 KB; the rest waits in the child, and would come after the answer.

/** Milliseconds: who reads a flood takes his time, and does not want it all. */
const PATIENCE = 100

/** Settles when everything has left this process, or it takes too long. */
export function printed (streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): Promise<unknown> {
  const waiting = streams.filter(stream => stream.writableLength > 0)
  if (waiting.length === 0) return Promise.resolve()
  const left = Promise.all(waiting.map(stream => new Promise(resolve => stream.write('', resolve))))
  return Promise.race([left, new Promise(resolve => setTimeout(resolve, PATIENCE))])
}
