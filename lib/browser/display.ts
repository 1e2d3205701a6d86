// What people see of the connection and the builds, in a file of its own: what happens until it is there is kept for it.
import type { BuildMessage, BuildStatus, ClientSettings } from '../../types/message.js'
import type { Display, StatusModule } from './badge/status.js'
import { createLoader, type LoadMore } from './load.js'
import type { Page } from './tag.js'

type Call = (view: Display) => void

/** Beside the greeting. */
const MOST = 99

export function createDisplay (page: Page, more: LoadMore): Display {
  const load = createLoader<StatusModule>('badge', page.base)
  let view: Display | undefined
  let loading = false
  let settings: ClientSettings | undefined
  let failed: BuildStatus | BuildMessage | undefined
  let calls: Call[] = []

  async function open () {
    if (loading) return
    loading = true
    try {
      // Old browsers have no constructed styles: they are shown nothing rather than something broken.
      if (!('adoptedStyleSheets' in Document.prototype)) throw new Error('old')
      view = (await load()).createStatus(page, more)
      for (const call of calls) call(view)
    } catch {
      if (failed) console.error('[live-reload] failed:', JSON.stringify(failed))
    }
    loading = false
  }
  function tell (call: Call, wanted?: unknown) {
    if (view) return call(view)
    if (calls.push(call) > MOST) calls.splice(1, 1)
    if (wanted) open()
  }

  return {
    greet (hello, reloaded, show) {
      const { build, client } = hello
      settings = client
      failed = build.state === 'failed' ? build : undefined
      calls = []
      tell(view => view.greet(hello, reloaded, show), client.badge || (client.overlay && failed && show))
    },
    build (message, show) {
      if (message.state === 'failed') failed = message
      tell(view => view.build(message, show), message === failed && show && settings?.overlay)
    },
    state: next => tell(view => view.state(next)),
    note: note => tell(view => view.note(note))
  }
}
