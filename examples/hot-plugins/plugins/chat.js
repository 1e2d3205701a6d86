// A WebSocket. It uses the service of `bot.js`, so it is reloaded after it. Open sockets stay with the version they were opened on.
export default async function chat (fastify) {
  const answer = fastify.hot.use('answer')
  fastify.get('/chat', { websocket: true }, socket => {
    socket.on('message', data => {
      const text = String(data)
      socket.send(answer(text))
      fastify.hot.events.emit('said', text)
    })
  })
}
