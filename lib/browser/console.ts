// Entry of `console.js`, which replaces `client.js` in pages whose console is forwarded to the server, or shows the server's log.
import type { LogMessage } from '../../types/message.js'
import { forwardConsole } from './console/forward.js'
import { launch } from './launch.js'

launch((page, client, send) => {
  // As they are before they are forwarded: what came from the server's log does not go back there.
  const original = { ...console }
  client.on('server-log', data => {
    const { level, text } = data as LogMessage
    original[level](`[server] ${text}`)
  })
  if (page.console) forwardConsole(page, client, send)
})
