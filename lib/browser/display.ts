// What people see of the connection and the builds, in a file of its own: what happens until it is there is kept for it.
import type { ClientState } from '../../types/client.js'
import type { BuildMessage } from '../../types/message.js'
import type { Display, Note, StatusModule } from './badge/status.js'
import { createLoader } from './load.js'
import type { Page } from './tag.js'

interface Kept { readonly message: BuildMessage, readonly show: boolean }

const isOver = ({ message: { state } }: Kept) => state === 'ok' || state === 'failed'

export function createDisplay (page: Page): Display {
  const load = createLoader<StatusModule>('badge', page.base)
  let view: Display | undefined
  let loading = false
  let greeting: Parameters<Display['greet']> | undefined
  let state: ClientState = 'open'
  let kept: Kept[] = []
  let last: Note | undefined

  async function open () {
    if (loading || !greeting) return
    loading = true
    try {
      // Old browsers have no constructed styles: they are shown nothing rather than something broken.
      if (!('adoptedStyleSheets' in Document.prototype)) throw new Error('old')
      const { createStatus } = await load()
      view = createStatus(page)
      view.greet(...greeting)
      for (const { message, show } of kept) view.build(message, show)
      view.note(last)
      view.state(state)
    } catch {
      const failed = kept.filter(({ message }) => message.state === 'failed').map(({ message }) => message)
      if (failed.length > 0 || greeting[0].build.state === 'failed') console.error('[live-reload] failed:', JSON.stringify(failed.length > 0 ? failed : greeting[0].build))
    }
    loading = false
  }

  return {
    greet (...words) {
      greeting = words
      state = 'open'
      kept = []
      last = undefined
      const [{ client, build }] = words
      if (view) view.greet(...words)
      else if (client.badge || (client.overlay && build.state === 'failed')) open()
    },
    build (message, show) {
      if (view) return view.build(message, show)
      const next = { message, show }
      // The newest of each build is enough, and how the last one ended while another runs.
      kept = kept.filter(one => one.message.name !== message.name || (isOver(one) && !isOver(next)))
      kept.push(next)
      if (message.state === 'failed' && show && greeting?.[0].client.overlay) open()
    },
    state (next) {
      state = next
      view?.state(next)
    },
    note (note) {
      last = note
      view?.note(note)
    }
  }
}
