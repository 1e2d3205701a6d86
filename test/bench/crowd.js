// Many clients in one process of their own: says when the first and the last of them were told.
import { listen, listenStream } from './children.js'
import { pause } from './measure.js'

// So many sockets, then so many streams.
const [socket = '', sockets = '0', stream = '', streams = '0'] = process.argv.slice(2)
const many = Number(sockets) + Number(streams)
/** Each client's messages are counted by themselves: one that is told twice does not stand for another. */
const told = new Uint32Array(many)
let round = 1
let first = 0
let left = many

function hear (client, at) {
  if (told[client] >= round) return
  told[client] = round
  if (left === many) first = at
  if (--left > 0) return
  process.send?.({ type: 'told', first, last: at })
  // What still comes belongs to the same save.
  pause(150).then(() => { round++; left = many })
}

for (let i = 0; i < many; i += 50) {
  await Promise.all(Array.from({ length: Math.min(50, many - i) }, (_, j) => {
    const told = at => hear(i + j, at)
    return i + j < Number(sockets) ? listen(socket, told) : listenStream(stream, told)
  }))
}
process.send?.({ type: 'connected' })
process.on('disconnect', () => process.exit())
