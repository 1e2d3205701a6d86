// One client for a page: none in a frame of a page that has it, none for a script that ran before.
import { type Extend, start } from './start.js'
import { isInsideLivePage, readTag } from './tag.js'

const NAME = '__liveReload'

export function launch (extend?: Extend): void {
  // An own property: an element with that id is not one. Scripts run twice when a library puts a page back.
  if (Object.hasOwn(window, NAME) || isInsideLivePage()) return
  const page = readTag()
  if (page) Object.defineProperty(window, NAME, { value: start(page, extend) })
}
