// A stream for the logger of the app that pages can listen to. Nothing of the logger is changed: the app itself gives it the stream.

/** Where lines go: a file, another stream. */
export interface LogDestination {
  write (line: string): unknown
}

const listeners = new Set<(line: string) => void>()
let isMade = false

/** Whether the process has such a stream at all. */
export function hasServerLog (): boolean {
  return isMade
}

/**
 * The stream of a logger whose lines reach the pages of `client.serverLog`: `Fastify({ logger: { stream: serverLog() } })`.
 * @param destination Gets every line as it is. @default the standard output
 */
export function serverLog (destination: LogDestination = process.stdout): LogDestination {
  isMade = true
  return {
    write (line) {
      destination.write(line)
      for (const listener of listeners) listener(line)
    }
  }
}

/** Returns its undo. */
export function onServerLog (listener: (line: string) => void): () => void {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}
