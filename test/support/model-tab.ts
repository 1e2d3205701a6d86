// A tab as far as a model needs one: it loads a page and its style sheet, and does what the server tells it.
import { request as httpRequest } from 'node:http'
import { WebSocket } from 'ws'
import type { ServerMessage } from '../../types/message.js'
import { createEventReader } from './event-reader.js'
import { NAVIGATION, request } from './http.js'

export interface Shown { readonly status: number, readonly text: string }

const TAG = /<script[^>]* data-live-reload="([^"]+)"[^>]*><\/script>/

/** What the server answers now. The text of an error is not compared: it may name anything. */
export async function look (port: number, path: string, isPage: boolean): Promise<Shown & { readonly stamp: string | undefined }> {
  const { status, text } = await request(port, path, isPage ? { headers: NAVIGATION } : {})
  const stamp = TAG.exec(text)?.[1]
  // A file was replaced while it was read: the reply broke off, or the page is empty. People load it again.
  if (status === 0 || (isPage && stamp === undefined)) return look(port, path, isPage)
  return { status, text: status === 200 ? text.replace(TAG, '') : '', stamp }
}

export class ModelTab {
  readonly page: string
  readonly sheet: string
  readonly transport: 'ws' | 'sse'
  loads = 0
  shown: Shown = { status: 0, text: '' }
  style: Shown = { status: 0, text: '' }
  /** What it was told, for a report. */
  readonly told: string[] = []
  readonly #port: number
  #stamp = ''
  #hangUp = (): void => {}
  #isClosed = false
  /** Messages are handled one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor (port: number, { page, sheet, transport }: Pick<ModelTab, 'page' | 'sheet' | 'transport'>) {
    this.#port = port
    this.page = page
    this.sheet = sheet
    this.transport = transport
  }

  load (): Promise<void> {
    return this.#then(() => this.#load())
  }

  /** The connection breaks, and comes back after a while. */
  sleep (ms: number): Promise<void> {
    return this.#then(async () => {
      this.#hangUp()
      await new Promise(resolve => setTimeout(resolve, ms))
      this.#connect()
    })
  }

  async close (): Promise<void> {
    this.#isClosed = true
    this.#hangUp()
    await this.#work
    this.#hangUp()
  }

  #then (run: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(() => this.#isClosed ? undefined : run())
    return this.#work
  }

  async #load (): Promise<void> {
    this.#hangUp()
    this.loads++
    const { stamp = '', ...shown } = await look(this.#port, this.page, true)
    this.shown = shown
    this.#stamp = stamp
    this.told.push(`loaded ${shown.status} ${shown.text.slice(-40)} at ${stamp.split(':')[1]}`)
    await this.#style()
    this.#connect()
  }

  async #style (): Promise<void> {
    const { stamp, ...style } = await look(this.#port, this.sheet, false)
    this.style = style
  }

  #connect (): void {
    if (this.#isClosed) return
    let open = true
    const receive = (message: ServerMessage): void => { if (open) this.#then(async () => { if (open) await this.#receive(message) }) }
    const end = this.transport === 'ws' ? this.#socket(receive) : this.#stream(receive)
    this.#hangUp = () => { open = false; end() }
  }

  #socket (receive: (message: ServerMessage) => void): () => void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/__live/socket?at=${this.#stamp}`)
    socket.on('error', () => {}).on('message', data => receive(JSON.parse(String(data)) as ServerMessage))
    return () => socket.terminate()
  }

  #stream (receive: (message: ServerMessage) => void): () => void {
    const reader = createEventReader()
    const asked = httpRequest(`http://127.0.0.1:${this.#port}/__live/events?at=${this.#stamp}`, { agent: false })
    asked.on('error', () => {}).on('response', answer => {
      answer.on('error', () => {}).on('data', (chunk: Buffer) => {
        reader.read(chunk)
        for (const message of reader.got.splice(0)) receive(message)
      })
    }).end()
    return () => asked.destroy()
  }

  async #receive (message: ServerMessage): Promise<void> {
    if (message.type !== 'reload' && message.type !== 'update') return
    this.told.push(JSON.stringify(message))
    const { seq } = message
    this.#stamp = `${this.#stamp.split(':')[0]}:${seq}`
    if (message.type === 'update') {
      if (message.updates.some(({ path }) => this.sheet.endsWith(path))) await this.#style()
      return
    }
    // A page that is an error has no files that it is certain to have used.
    const concerns = message.files === undefined || this.shown.status !== 200 || message.files.some(file => file === this.page || file === this.sheet)
    if (concerns) await this.#load()
  }
}
