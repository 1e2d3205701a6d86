// Finds out whether a build changes what it watches. Such a build is slowed down before it starts itself over and over.
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'

/** From the start of a build to its end, by the clock; `to` is infinite while it runs. */
export interface Run {
  readonly from: number
  readonly to: number
}

export interface Loop {
  /** When the last builds ran. Events come late, but files say when they were written. */
  readonly runs: readonly Run[]
  /** Builds in a row that started because of files written while a build ran. */
  readonly streak: number
  /** Whether the last change was written while a build ran. */
  readonly duringBuild: boolean
  /** Whether the loop has been reported since the last build began. */
  readonly reported: boolean
}

/** After so many builds in a row, only a pause can tell a person from the build itself. */
const SUSPICIOUS_BUILDS = 5
/** After so many more, each behind a pause in which nothing else changed, it is the build. */
const PROVING_BUILDS = 3
export const LOOP_PAUSE_MS = 1000
/** Between builds that start themselves. It may still be a person who saved during every build, so the builds go on. */
const SLOW_BUILD_MS = 30_000
/** The clock of a file system may be this coarse. */
const CLOCK_PRECISION_MS = 20
const MAX_RUNS = 10

const NEVER: Run = { from: -Infinity, to: -Infinity }
export const NO_LOOP: Loop = { runs: [], streak: 0, duringBuild: false, reported: false }

/** Counts a change. `reported` is true from the moment when the loop is certain. */
export function noteChange (loop: Loop, duringBuild: boolean): Loop {
  const streak = duringBuild ? loop.streak : 0
  return { ...loop, duringBuild, streak, reported: streak >= SUSPICIOUS_BUILDS + PROVING_BUILDS }
}

/** How long a change has to wait because builds may start themselves. */
export function loopPause ({ duringBuild, streak, reported }: Loop): number {
  if (reported) return SLOW_BUILD_MS
  return duringBuild && streak >= SUSPICIOUS_BUILDS ? LOOP_PAUSE_MS : 0
}

export function noteStart (loop: Loop, at: number): Loop {
  return { ...loop, duringBuild: false, reported: false, streak: loop.duringBuild ? loop.streak + 1 : 0, runs: [...loop.runs, { from: at, to: Infinity }].slice(-MAX_RUNS) }
}

export function noteEnd (loop: Loop, at: number): Loop {
  return { ...loop, runs: loop.runs.map(run => run.to === Infinity ? { ...run, to: at } : run) }
}

export function lastRun ({ runs }: Loop): Run {
  return runs.at(-1) ?? NEVER
}

/** Whether a build ran at that time. */
export function ranAt ({ runs }: Loop, at: number): boolean {
  return runs.some(({ from, to }) => at >= from - CLOCK_PRECISION_MS && at <= to + CLOCK_PRECISION_MS)
}

/** Milliseconds since the file was written or removed; 0 when nothing tells. */
export function ageOf (path: string, timeOf = changeTime): number {
  let [place, time] = [path, timeOf(path)]
  // A removal changes the directory, or the one above if that is gone as well.
  while (time === undefined && place !== dirname(place)) {
    place = dirname(place)
    time = timeOf(place)
  }
  return time === undefined ? 0 : Date.now() - time
}

/** Unlike the modification time, no program can set the change time. */
function changeTime (path: string): number | undefined {
  try {
    return lstatSync(path).ctimeMs
  } catch {
    // The file is gone or out of reach: its directory may be a file now.
    return undefined
  }
}
