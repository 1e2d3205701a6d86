// Tabs of an app with several processes: each request and each connection may reach another one.
import { WebSocket } from 'ws'
import { NAVIGATION, request } from '../../support/http.js'
import type { ServerMessage } from '../../../types/message.js'

/** Loads a page, connects, and reloads for what the injected client reloads for. */
export class ClusterTab {
  loads = 0
  text = ''
  readonly got: ServerMessage[] = []
  readonly #ports: () => number
  #at = ''
  #socket: WebSocket | undefined
  #isClosed = false

  /** `ports`: where the next connection goes. */
  constructor (ports: () => number) {
    this.#ports = ports
  }

  async load (): Promise<void> {
    const left = this.#socket
    this.#socket = undefined
    left?.terminate()
    if (this.#isClosed) return
    const { text, status } = await request(this.#ports(), '/index.html', { headers: NAVIGATION })
    const at = /data-live-reload="([^"]+)"/.exec(text)?.[1]
    // The process was ended just now.
    if (status !== 200 || at === undefined) return await this.#again(() => this.load())
    this.loads++
    this.text = text
    this.#at = at
    this.#connect()
  }

  close (): void {
    this.#isClosed = true
    this.#socket?.terminate()
  }

  get isOpen (): boolean { return this.#socket?.readyState === WebSocket.OPEN }

  #connect (): void {
    if (this.#isClosed) return
    const socket = this.#socket = new WebSocket(`ws://127.0.0.1:${this.#ports()}/__live/socket?at=${this.#at}`)
    socket.on('error', () => {})
    socket.on('close', () => { if (socket === this.#socket) this.#again(async () => this.#connect()) })
    socket.on('message', data => {
      const message = JSON.parse(String(data)) as ServerMessage
      if (socket !== this.#socket) return
      this.got.push(message)
      const [epoch, seq] = this.#at.split(':')
      const isNews = message.type === 'hello' ? `${message.epoch}:${message.seq}` !== this.#at : 'seq' in message && message.seq > Number(seq)
      if (isNews && epoch !== undefined) this.load()
    })
  }

  async #again (what: () => Promise<void>): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 50))
    await what()
  }
}
