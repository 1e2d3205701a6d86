// The page's end of live reload: one script tag, one connection, one global.
import { start } from './start.js'
import { isInsideLivePage, readTag } from './tag.js'

const NAME = '__liveReload'

// An own property: an element with that id is not one. Scripts run twice when a library puts a page back.
if (!Object.getOwnPropertyDescriptor(window, NAME) && !isInsideLivePage()) {
  const page = readTag()
  if (page) Object.defineProperty(window, NAME, { value: start(page) })
}
