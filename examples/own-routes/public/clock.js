const address = new URL('/clock', document.URL)
address.protocol = address.protocol.replace('http', 'ws')
const socket = new WebSocket(address)
const at = id => document.getElementById(id)

socket.addEventListener('message', ({ data }) => {
  const { time, echo } = JSON.parse(data)
  if (time !== undefined) at('time').textContent = new Date(time).toLocaleTimeString()
  if (echo !== undefined) at('echo').textContent = `The server says: ${echo}`
})
socket.addEventListener('close', () => { at('time').textContent = 'no connection' })

at('say').addEventListener('submit', event => {
  event.preventDefault()
  socket.send(at('text').value)
})
