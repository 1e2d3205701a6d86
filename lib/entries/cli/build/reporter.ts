// What a person or a program reads of a build: lines and a progress row, or one JSON report.
import type { BuildProfile, BuildResult, Diagnostic } from '../../../../types/build.js'
import { BuildProgress } from '../../../shared/command-line/build-progress.js'
import { shortenPath } from '../../../shared/paths.js'
import { clean, printable } from '../../../shared/text.js'
import type { Listener, Outcome } from './session.js'

export interface Summary {
  readonly ok: boolean
  readonly ms: number
  readonly profile: BuildProfile
}

export interface Reporter extends Listener {
  /** All builds have ended. */
  end (outcomes: readonly Outcome[], summary: Summary): void
}

/** Lines go to stdout, diagnostics and the progress row of a terminal to stderr. */
export class TextReporter implements Reporter {
  readonly #cwd: string
  // Without a terminal it writes lines, too.
  readonly #progress = new BuildProgress({ log: this })

  constructor (cwd: string) {
    this.#cwd = cwd
  }

  started (name: string): void {
    this.#progress.start(name)
  }

  log (name: string, text: string): void {
    this.info(`${name}: ${printable(text)}`)
  }

  progress: Reporter['progress'] = (name, progress) => this.#progress.update(name, progress)

  ended ({ name, result }: Outcome): void {
    this.#progress.end(name)
    if (result === undefined) return this.info(`${name}: stopped`)
    for (const diagnostic of result.diagnostics) this.#complain(diagnostic)
    this.info(`${name}: ${result.ok ? done(result) : failed(result)}`)
  }

  end (): void {
    this.#progress.close()
  }

  info (text: string): void {
    this.#progress.erase()
    process.stdout.write(`${text}\n`)
  }

  #complain ({ severity, message, file, line, column, frame, shard }: Diagnostic): void {
    const place = file === undefined ? [] : [[shortenPath(this.#cwd, file), line, column].filter(part => part !== undefined).join(':')]
    const head = [...place, ...shard === undefined ? [] : [`shard ${shard}`], severity].join(': ')
    const lines = [`${printable(head)}: ${clean(message)}`, ...frame === undefined ? [] : [clean(frame)]]
    process.stderr.write(`${lines.join('\n')}\n`)
  }
}

/** One report, and nothing else on stdout: what builds print there themselves goes to stderr. */
export class JsonReporter implements Reporter {
  readonly #write = process.stdout.write.bind(process.stdout)

  constructor () {
    process.stdout.write = process.stderr.write.bind(process.stderr)
  }

  readonly started = (): void => {}
  readonly log = this.started
  readonly progress = this.started
  readonly ended = this.started

  end (outcomes: readonly Outcome[], { ok, ms, profile }: Summary): void {
    const report = { ok, ms: Math.round(ms), profile, builds: outcomes.map(toReport) }
    process.stdout.write = this.#write
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  }
}

/** A build in a JSON report. */
export function toReport ({ name, result }: Outcome): object {
  if (result === undefined) return { name, ok: false, aborted: true, ms: 0, diagnostics: [] }
  const { ok, ms, diagnostics, pages, counts, meta } = result
  return { name, ok, ms: Math.round(ms), diagnostics, pages, counts, meta }
}

function done ({ ms, pages, counts, meta = {} }: BuildResult): string {
  const made = [plural(counts?.pages ?? pages, 'page'), plural(counts?.files, 'file')].filter(text => text !== '').join(', ')
  const how = ['shards', 'cached', 'workers'].filter(key => typeof meta[key] === 'number').map(key => `${meta[key]} ${meta[key] === 1 ? key.replace(/s$/, '') : key}`).join(', ')
  return `${made || 'done'} in ${seconds(ms)}${how === '' ? '' : ` (${how})`}`
}

function failed ({ ms, diagnostics }: BuildResult): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  return `failed in ${seconds(ms)}: ${plural(errors, 'error') || 'no reason given'}`
}

function seconds (ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

function plural (count: number | undefined, word: string): string {
  return count === undefined || count === 0 ? '' : `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
}
