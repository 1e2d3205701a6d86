// Entry of `console.js`, which replaces `client.js` in pages whose console is forwarded to the server.
import { forwardConsole } from './console/forward.js'
import { launch } from './launch.js'

launch(forwardConsole)
