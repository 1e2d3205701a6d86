// One suite for every channel.
import { socket, stream, streamTwo, streamWhole } from './channels.js'
import { conforms } from './conformance.js'

for (const channel of [socket, stream, streamWhole, streamTwo]) conforms(channel)
