// The client of pages whose console is forwarded: the same, and what listens to the console.
import { forward } from './console/forward.js'
import { launch } from './launch.js'

launch(forward)
