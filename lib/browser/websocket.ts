// The WebSocket transport.
import type { Transport } from './transport.js'

export const openSocket: Transport = ({ base, at, token }, { message, close }) => {
  const url = new URL('socket', base)
  url.protocol = url.protocol.replace('http', 'ws')
  url.search = `${new URLSearchParams({ at, token })}`
  const socket = new WebSocket(url)
  socket.onmessage = event => message(String(event.data))
  socket.onclose = close
  return {
    send: message => socket.send(JSON.stringify(message)),
    close () {
      socket.onmessage = socket.onclose = null
      socket.close()
    }
  }
}
