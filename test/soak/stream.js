// What `EventSource` does, as far as the client of the page needs it: a thousand of them fit into one process.
import { request } from 'node:http'
import { StringDecoder } from 'node:string_decoder'

const OPEN = 1
const CLOSED = 2

export class Stream {
  readyState = 0
  /** @type {(event: { data: string }) => void} */
  onmessage = () => {}
  onerror = () => {}
  #asked

  /** @param {URL} url */
  constructor (url) {
    const fail = () => {
      this.close()
      this.onerror()
    }
    this.#asked = request(url, { agent: false, headers: { accept: 'text/event-stream' } }, answer => {
      if (answer.statusCode !== 200) return fail()
      this.readyState = OPEN
      const text = new StringDecoder()
      let rest = ''
      answer.on('data', bytes => {
        const events = (rest + text.write(bytes)).split('\n\n')
        rest = events.pop() ?? ''
        for (const event of events) if (event.startsWith('data: ') && this.readyState === OPEN) this.onmessage({ data: event.slice(6) })
      })
      answer.on('close', () => { if (this.readyState !== CLOSED) fail() }).on('error', () => {})
    }).on('error', () => { if (this.readyState !== CLOSED) fail() })
    this.#asked.end()
  }

  close () {
    this.readyState = CLOSED
    this.#asked.destroy()
  }
}
