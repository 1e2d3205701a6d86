// One suite for every channel.
import { socket, stream, streamTwo } from './channels.js'
import { conforms } from './conformance.js'

for (const channel of [socket, stream, streamTwo]) conforms(channel)
