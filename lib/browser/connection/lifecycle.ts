// Listens to the page: when it goes to sleep (left, frozen), when it may be awake again (shown, thawed, back online, in use), what the user types, and when a navigation begins.
import { noteFields, noteInput, type UserInput } from '../page/user-input.js'

export interface Lifecycle extends UserInput {
  /** The newest `beforeunload`. A navigation to a download leaves the page as it is. */
  leaving: BeforeUnloadEvent | undefined
  readonly onSleep: () => void
  readonly onWake: (event: Event) => void
}

/** Returns a function that adds the listeners again which `document.open()` has taken away. */
export function watchLifecycle (client: Lifecycle): () => void {
  const { onSleep, onWake } = client
  const handlers: Record<string, (event: Event) => void> = {
    input: event => noteInput(client, event),
    load: () => setTimeout(() => noteFields(client, Document.prototype.querySelectorAll.call(document, '*'))),
    beforeunload: event => { client.leaving = event as BeforeUnloadEvent },
    pagehide: onSleep,
    freeze: onSleep,
    pageshow: onWake,
    resume: onWake,
    visibilitychange: onWake,
    focus: onWake,
    online: onWake
  }
  // Capturing listeners of the window see the events of the document, too.
  const listen = () => { for (const [type, handler] of Object.entries(handlers)) addEventListener(type, handler, true) }
  listen()
  return listen
}
