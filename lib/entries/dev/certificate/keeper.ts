// Keeps the certificate of an app that listens: renews one that was made before it ends, and exchanges one whose files have changed.
import { stat } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../../shared/clock.js'
import { keepPair, type Known } from './certificate.js'
import { readPair, type Pair } from './read.js'

interface Parts {
  readonly known: Known
  /** The certificate that is served now. */
  readonly cert: string
  readonly use: (pair: Pair) => void
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly clock: Clock
}

/** The two files are not written at the same moment: they are read once nothing has changed for this long. */
const QUIET_MS = 200
const RENEWAL_MS = 60 * 60 * 1000

export class CertificateKeeper {
  readonly #parts: Parts
  #current: string
  /** What the disk said of both files when it was asked last, and before the last check. */
  #seen = ''
  #checked = ''
  #lastFault = ''
  #cancelLook = (): void => {}
  #cancelRenewal = (): void => {}
  #isClosed = false

  constructor (parts: Parts) {
    this.#parts = parts
    this.#current = parts.cert
    this.#look()
    this.#renewLater()
  }

  close (): void {
    this.#isClosed = true
    this.#cancelLook()
    this.#cancelRenewal()
  }

  /** Asks again and again: events do not reach mounts of containers, nor a folder that was made anew. */
  async #look (): Promise<void> {
    const { key, cert } = this.#parts.known.settings.files
    const state = (await Promise.all([key, cert].map(stateOf))).join()
    if (state === this.#seen && state !== this.#checked) {
      this.#checked = state
      await this.#check()
    }
    this.#seen = state
    if (!this.#isClosed) this.#cancelLook = this.#parts.clock.after(QUIET_MS, () => { this.#look() })
  }

  async #check (): Promise<void> {
    const { known: { settings: { files, hosts } }, use, log } = this.#parts
    try {
      const pair = await readPair(files, hosts)
      this.#lastFault = ''
      if (this.#isClosed || pair.cert === this.#current) return
      use(pair)
      this.#current = pair.cert
      log.info(`live reload: the certificate ${files.cert} was exchanged: new connections use it, open ones stay open`)
    } catch (error) {
      this.#say(`${(error as Error).message}. The previous one stays in use`)
    }
  }

  #renewLater (): void {
    if (this.#parts.known.settings.isOwn) return
    this.#cancelRenewal = this.#parts.clock.after(RENEWAL_MS, () => {
      this.#renew().finally(() => { if (!this.#isClosed) this.#renewLater() })
    })
  }

  /** The files that this writes are read again like those that somebody else exchanged. */
  async #renew (): Promise<void> {
    try {
      const { note } = await keepPair(this.#parts.known.settings)
      if (note !== '') this.#say(`live reload: ${note}`)
    } catch (error) {
      this.#say((error as Error).message)
    }
  }

  #say (fault: string): void {
    if (fault !== this.#lastFault && !this.#isClosed) this.#parts.log.warn(fault)
    this.#lastFault = fault
  }
}

/** Changes with the file, also with the one that a link leads to. */
async function stateOf (file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file)
    return `${ino}:${mtimeMs}:${size}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code as string
  }
}
