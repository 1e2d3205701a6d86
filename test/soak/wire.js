// The wire that is cut, in a process of its own: `fork('wire.js', [port])`. One that also holds tabs accepts too slowly when all of them come back.
import { relay } from '../support/relay.js'

const wire = await relay({ teardown () {} }, Number(process.argv[2]))
process.on('message', verb => { wire[verb]() })
process.on('disconnect', () => process.exit())
process.send?.({ type: 'ready', port: wire.port })
