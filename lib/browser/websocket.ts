// The WebSocket transport.
import type { Transport } from './transport.js'

export const openSocket: Transport = ({ base, query }, { message, close }) => {
  const url = new URL('socket', base)
  url.protocol = url.protocol.replace('http', 'ws')
  url.search = query
  const socket = new WebSocket(url)
  socket.onmessage = event => message(String(event.data))
  socket.onclose = close
  return {
    send: text => socket.send(text),
    close () {
      socket.onmessage = socket.onclose = null
      socket.close()
    }
  }
}
