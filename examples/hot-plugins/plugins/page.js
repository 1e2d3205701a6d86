// The page. It hears what is said through the emitter that all plugins share.
const HTML = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Chat</title></head>
<body>
<h1>Chat</h1>
<form><input name="text" aria-label="Say something" autocomplete="off"><button>Say</button></form>
<ol></ol>
<script>
  const socket = new WebSocket(location.href.replace('http', 'ws') + 'chat')
  const show = text => document.querySelector('ol').append(Object.assign(document.createElement('li'), { textContent: text }))
  socket.onmessage = ({ data }) => show(data)
  document.forms[0].onsubmit = event => { event.preventDefault(); socket.send(event.target.text.value); event.target.reset() }
</script>
</body>
</html>`

export default async function page (fastify) {
  const last = fastify.hot.data.last ??= []
  fastify.hot.events.on('said', text => { last.push(text) })
  fastify.get('/', (request, reply) => reply.type('text/html').send(HTML))
  fastify.get('/last', async () => last)
}
